using System.Numerics;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Colony.Data;

namespace Colony.Collective.Benchmarks;

/// <summary>
/// Rounding one logical rank's gradient and adding it to the sums, at each wire width, beside a plain vector addition
/// of the same floats (12 bytes of memory traffic an element; 32 bits has 12, 16 bits 8, 8 bits 6). At 16 and 8 bits
/// the random numbers are part of it. GB/s of gradient = 4 * Elements / Mean.
/// </summary>
public class WidthBenchmark
{
    private const int Ranks = 8;
    private float[] gradient = [];
    private float[] floats = [];
    private GradientReducer? reducer;
    private Grid? grid;
    private uint[] words = [];
    private int[] integers = [];

    [Params(1 << 14, 1 << 22)]
    public int Elements { get; set; }

    [Params(32, 16, 8)]
    public int WireBits { get; set; }

    // In one process nobody waits for a setup that returns a task.
    [GlobalSetup]
    public void Setup() => grid = Awaited.Of(PrepareAsync);

    private async Task<Grid> PrepareAsync()
    {
        var random = new Random(1);
        gradient = new float[Elements];
        for (var i = 0; i < Elements; i++)
        {
            gradient[i] = (float)((random.NextDouble() - 0.5) * 1e-3);
        }

        floats = new float[Elements];
        words = new uint[RoundingStream.WordsFor(GridLayout.DefaultBlockSize)];
        integers = new int[GridLayout.DefaultBlockSize];
        var layout = new GridLayout([Elements]);
        reducer = new GradientReducer(layout, Ranks, WireBits, seed: 1);
        await using var alone = new Communicator(new InProcessNetwork(1).Connect(0), 0, 1);
        reducer.Begin(Grid.First(layout), 0, firstStep: true);
        for (var one = 0; one < Ranks; one++)
        {
            reducer.Add(one, 0, gradient);
        }

        await reducer.ReduceAsync(alone).ConfigureAwait(false);
        var next = reducer.NextGrid();
        reducer.Begin(next, 1, firstStep: false);
        return next;
    }

    [GlobalCleanup]
    public void Cleanup() => reducer?.Dispose();

    [Benchmark(Baseline = true)]
    public void PlainFloatAdd()
    {
        var source = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        var target = MemoryMarshal.Cast<float, Vector<float>>(floats.AsSpan());
        for (var i = 0; i < target.Length; i++)
        {
            target[i] += source[i];
        }
    }

    /// <summary>A step is begun anew after each L additions, as in training, so no block outgrows its width.</summary>
    [Benchmark(OperationsPerInvoke = Ranks)]
    public void AddLogicalRanks()
    {
        reducer!.Begin(grid!, 1, firstStep: false);
        for (var rank = 0; rank < Ranks; rank++)
        {
            reducer.Add(rank, 0, gradient);
        }
    }

    /// <summary>The random numbers alone.</summary>
    [Benchmark]
    public void DrawWords()
    {
        for (var start = 0; start < Elements; start += GridLayout.DefaultBlockSize)
        {
            new RoundingStream(1, 1, 1).Fill(start, words);
        }
    }

    /// <summary>Stochastic rounding alone, its random numbers given.</summary>
    [Benchmark]
    public void Round()
    {
        for (var start = 0; start < Elements; start += GridLayout.DefaultBlockSize)
        {
            StochasticKernels.Round(
                gradient.AsSpan(start, GridLayout.DefaultBlockSize), words, integers, scale: 1 << 15);
        }
    }
}
