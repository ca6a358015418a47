namespace Colony.Storage.Tests;

/// <summary>Makes checkpoints.</summary>
internal static class Checkpoints
{
    private static readonly DateTimeOffset Time = new(2024, 5, 6, 7, 8, 9, TimeSpan.Zero);

    public static TensorData[] TensorsOf(long step) =>
    [
        Tensors.Random("a.weight", SafetensorsType.F32, [4, 8], (int)step),
        Tensors.Random("a.bias", SafetensorsType.F32, [8], (int)step + 1),
        Tensors.Random("b.weight", SafetensorsType.F16, [3, 3], (int)step + 2),
        Tensors.Random("a.weight.step", SafetensorsType.I64, [], (int)step + 3),
    ];

    public static async Task<CheckpointPart[]> WritePartsAsync(IObjectStore store, long step, int parts)
    {
        var tensors = TensorsOf(step);
        return await Task.WhenAll(Enumerable.Range(0, parts).Select(part => CheckpointWriter.WritePartAsync(
            store, step, part, parts, [.. tensors.Where((_, i) => i % parts == part)],
            TestContext.Current.CancellationToken)));
    }

    public static async Task<CheckpointManifest> ManifestAsync(long step, CheckpointPart[] parts) => new()
    {
        Job = "synthetic",
        JobHash = "00ff",
        Step = step,
        Generation = 3,
        Digest = $"{step:x16}",
        WeightsSha256 = await SafetensorsWriter.HashAsync(TensorsOf(step), TestContext.Current.CancellationToken),
        Created = Time,
        Ledger = [new LedgerEpoch(0, 100, 100, 0, 0), new LedgerEpoch(1, 20, 20, 0, 0)],
        Parts = parts,
        JobYaml = "name: synthetic\nseed: 1 # größe }\n",
    };

    public static async Task<CheckpointManifest> CommitAsync(IObjectStore store, long step, int parts)
    {
        var written = await WritePartsAsync(store, step, parts);
        return await new CheckpointCatalog(store).CommitAsync(
            await ManifestAsync(step, written), TestContext.Current.CancellationToken);
    }

    public static EvaluationSummary Evaluation(double rsum) => new()
    {
        Split = "val",
        Rsum = rsum,
        ImageToText = [10, 20, 30],
        TextToImage = [11, 21, 31],
    };
}
