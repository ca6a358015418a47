using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Colony.Data;
using Colony.Storage;
using Microsoft.Win32.SafeHandles;

namespace Colony.Collective.Benchmarks;

/// <summary>
/// Loading every image of a pack once, in batches in libtorch's memory, in the order of the plan: in the global one,
/// each batch told of while the one before is loaded, and in the one by shards, told of 32 steps before, both as
/// training does it; beside reading the same shard files raw, from front to back, into one small
/// buffer that stays in the processor's cache, and into memory as large as a batch, as whoever hands out batches must:
/// from the disk, and from the system's page cache. All go over the same bytes, so the ratio of the rates is the
/// inverse of the ratio of the means. <c>COLONY_BENCH_PACK</c> names a pack (its train split is read); without it one
/// of random features is made.
/// </summary>
[MemoryDiagnoser]
public partial class PackedReadBenchmark
{
    private const int AdviceDontNeed = 4; // POSIX_FADV_DONTNEED of posix_fadvise(2)

    private const int Images = 4096;
    private const int Regions = 36;
    private const int Dim = 2048;
    private const int ChunkBytes = 1 << 20;

    // As workers look ahead, in the global order and by shards.
    private const int StepsAtHand = 2;
    private const int StepsAhead = 32;

    private readonly List<SafeFileHandle> files = [];
    private readonly byte[] chunk = new byte[ChunkBytes];
    private byte[] batch = [];
    private string? made;
    private DatasetOptions options = new();
    private IDataset? dataset;
    private EpochPlan? plan;

    [Params(32, 128)]
    public int Batch { get; set; }

    /// <summary>Threads that load batches, each those of one logical rank, as so many workers of a machine
    /// do.</summary>
    [Params(1, 2)]
    public int Readers { get; set; }

    [Params("global", "sharded")]
    public string Order { get; set; } = "";

    [Params("disk", "memory")]
    public string From { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var pack = Environment.GetEnvironmentVariable("COLONY_BENCH_PACK") ?? Awaited.Of(MakeAsync);
        Torch.torch.keep_freed_memory();
        options = new DatasetOptions { Format = "packed", Path = pack, VocabularyFromDev = false, Order = Order };
        dataset = Datasets.Open(options, "train");

        // An epoch of images instead of samples: every byte is asked for once.
        var shards = dataset.Shards is { } s
            ? new ShardOrder([.. s.Sizes.Select(size => size / dataset.CaptionsPerImage)], s.Window)
            : null;
        plan = new EpochPlan(new PlanGeometry(1, dataset.Images, Batch * Readers, Readers) { Shards = shards });
        plan.GlobalBatch(0);
        files.AddRange(Directory.EnumerateFiles(pack, "train-*.safetensors").Order(StringComparer.Ordinal)
            .Select(file => File.OpenHandle(file)));
        var bytes = files.Sum(RandomAccess.GetLength);
        batch = GC.AllocateUninitializedArray<byte>(checked((int)(bytes / dataset.Images * Batch)));
        Console.WriteLine($"// {files.Count} shards, {bytes} bytes, {dataset.Images} images a pass");
    }

    // Mapped pages stay in memory, so the data set is opened anew as well.
    [IterationSetup]
    public void Forget()
    {
        if (From != "disk")
        {
            return;
        }

        dataset?.Dispose();
        dataset = Datasets.Open(options, "train");
        foreach (var file in files)
        {
            RandomAccess.FlushToDisk(file);
            if (Advise(file, 0, 0, AdviceDontNeed) is var error and not 0)
            {
                throw new InvalidOperationException($"posix_fadvise failed with {error}");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    [GlobalCleanup]
    public void Cleanup()
    {
        dataset?.Dispose();
        files.ForEach(file => file.Dispose());
        files.Clear();
        if (made is not null)
        {
            Directory.Delete(made, recursive: true);
        }
    }

    [Benchmark(Baseline = true)]
    public long RawRead() => Read(chunk);

    [Benchmark]
    public long RawReadOfBatches() => Read(batch);

    [Benchmark]
    public int PackedRead()
    {
        Parallel.For(0, Readers, new ParallelOptions { MaxDegreeOfParallelism = Readers }, Epoch);
        return dataset!.Images;
    }

    private void Epoch(int rank)
    {
        var (told, steps) = (0, plan!.Geometry.StepsPerEpoch);
        for (var step = 0; step < steps; step++)
        {
            for (; told < Math.Min(step + (dataset!.IsAtHand ? StepsAtHand : StepsAhead), steps); told++)
            {
                int[] samples = [.. plan.Slice(told, rank).ToArray().Select(i => i * dataset.CaptionsPerImage)];
                dataset.Expect(samples);
            }

            dataset.LoadImages(plan.Slice(step, rank).Span).Dispose();
        }
    }

    private long Read(byte[] buffer)
    {
        var total = 0L;
        foreach (var file in files)
        {
            int read;
            for (var at = 0L; (read = RandomAccess.Read(file, buffer, at)) > 0; at += read)
            {
                total += read;
            }
        }

        return total;
    }

    private async Task<string> MakeAsync()
    {
        made = Directory.CreateTempSubdirectory("colony-bench-").FullName;
        var random = new Random(1);
        var row = new float[Regions * Dim];
        var source = Path.Combine(made, "train_ims.npy");
        using (var writer = NpyWriter.Create(source, NpyType.Float16, Images, Regions, Dim))
        {
            for (var i = 0; i < Images; i++)
            {
                for (var k = 0; k < row.Length; k++)
                {
                    row[k] = (float)random.NextDouble();
                }

                writer.Write(row);
            }
        }

        await File.WriteAllLinesAsync(
            Path.Combine(made, "train_caps.txt"), Enumerable.Repeat("a dog .", Images * 5));
        var pack = Path.Combine(made, "pack");
        using var store = ObjectStores.Open(pack, new ObjectStoreOptions());
        await DataPack.WriteAsync(
            new DatasetOptions { Path = made, VocabularyFromDev = false },
            new PackOptions { Splits = ["train"] }, store, null, CancellationToken.None);
        return pack;
    }
}
