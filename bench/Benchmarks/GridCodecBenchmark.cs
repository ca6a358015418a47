using System.Numerics;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace Colony.Collective.Benchmarks;

/// <summary>
/// What rounding to the grid costs beside a plain vector addition of the same floats: both read 4 bytes of gradient and
/// read and write 4 bytes of sum. GB/s of gradient = 4 * Elements / Mean. In the cache the arithmetic shows, in memory
/// both should cost the same.
/// </summary>
[MemoryDiagnoser]
public class GridCodecBenchmark
{
    private const int BlockSize = GridLayout.DefaultBlockSize;
    private float[] gradient = [];
    private float[] floats = [];
    private int[] integers = [];

    [Params(1 << 14, 1 << 23)]
    public int Elements { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        gradient = new float[Elements];
        for (var i = 0; i < Elements; i++)
        {
            gradient[i] = (float)(random.NextDouble() - 0.5);
        }

        floats = new float[Elements];
        integers = new int[Elements];
    }

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

    [Benchmark]
    public bool QuantiseAccumulate()
    {
        var fits = true;
        for (var start = 0; start < Elements; start += BlockSize)
        {
            fits &= VectorKernels.Accumulate(
                gradient.AsSpan(start, BlockSize), integers.AsSpan(start, BlockSize), scale: 1 << 22, limit: 1 << 27);
        }

        return fits;
    }

    [Benchmark]
    public void Dequantise()
    {
        for (var start = 0; start < Elements; start += BlockSize)
        {
            VectorKernels.Dequantise(
                integers.AsSpan(start, BlockSize), floats.AsSpan(start, BlockSize), scale: 1f / (1 << 22));
        }
    }
}
