using System.CommandLine;
using Colony.Cli.Packing;
using Colony.Cli.Running;
using Colony.Data;
using Colony.Storage;

namespace Colony.Cli.Commands;

/// <summary><c>colony data pack</c> and <c>colony data verify</c>.</summary>
internal static class PackCommands
{
    private const int MostImagesPerShard = 1 << 20;
    private const double Mebibyte = 1 << 20;

    public static Command Pack()
    {
        Argument<string> job = SharedOptions.Job();
        Option<string[]> sets = SharedOptions.Set();
        Option<string?> baseFolder = SharedOptions.Base();
        var output = new Option<string>("--out")
        {
            Description = "Where to: a folder or s3://bucket/prefix.",
            Required = true,
        };
        var type = new Option<string>("--type")
        {
            Description = "Element type of the features.",
            DefaultValueFactory = _ => "float16",
        };
        type.AcceptOnlyFromAmong("float16", "float32");
        var images = new Option<int>("--images-per-shard", "--samples-per-shard")
        {
            Description = "Images of a shard, each with all of its captions.",
            DefaultValueFactory = _ => new PackOptions { Splits = [] }.ImagesPerShard,
        };
        var splits = new Option<string?>("--splits")
        {
            Description = "Splits, comma-separated; those that the job trains on, evaluates and builds its vocabulary "
                + "from unless given.",
        };
        var force = new Option<bool>("--force") { Description = "Writes over what is there." };
        var command = new Command("pack", "Packs the data of a job into shards for format: packed.")
        {
            job, output, type, images, splits, force, sets, baseFolder,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            JobSource source = JobSource.Read(
                parsed.GetRequiredValue(job), parsed.GetValue(sets) ?? [], parsed.GetValue(baseFolder));
            int perShard = parsed.GetValue(images);
            if (perShard is < 1 or > MostImagesPerShard)
            {
                throw new UsageException($"--images-per-shard is {perShard}; it goes from 1 to {MostImagesPerShard}");
            }

            var options = new PackOptions
            {
                Splits = Splits(source, parsed.GetValue(splits)),
                ImagesPerShard = perShard,
                Float32 = parsed.GetValue(type) == "float32",
                Force = parsed.GetValue(force),
            };
            return PackAsync(source, options, parsed.GetRequiredValue(output), cancellationToken);
        });
        return command;
    }

    public static Command Verify()
    {
        var place = new Argument<string>("pack") { Description = "The pack: a folder or s3://bucket/prefix." };
        var command = new Command("verify", "Reads every file of a pack and checks it against the index.") { place };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string address = parsed.GetRequiredValue(place);
            using IObjectStore store = RunFolder.OpenStore(address);
            PackSummary whole = await new PackProgressView()
                .ShowAsync(view => DataPack.VerifyAsync(store, view, cancellationToken)).ConfigureAwait(false);
            Console.WriteLine($"{address}: whole; {Words(whole)}");
            return 0;
        });
        return command;
    }

    private static async Task<int> PackAsync(
        JobSource source, PackOptions options, string address, CancellationToken cancellationToken)
    {
        using IObjectStore store = RunFolder.OpenStore(address);
        DatasetOptions data = (DatasetOptions)source.Job.Data with { BaseDirectory = source.BaseDirectory };
        PackSummary written = await new PackProgressView()
            .ShowAsync(view => DataPack.WriteAsync(data, options, store, view, cancellationToken))
            .ConfigureAwait(false);
        Console.WriteLine($"{address}: {Words(written)}");
        Console.WriteLine($"train on it with --set data.format=packed --set data.path={address}");
        return 0;
    }

    private static IReadOnlyList<string> Splits(JobSource source, string? given)
    {
        if (given is not null)
        {
            string[] named = [.. given.Split(
                ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Distinct(StringComparer.Ordinal)];
            return named.Length > 0 ? named : throw new UsageException("--splits names no split; write train,dev,test");
        }

        var data = (DatasetOptions)source.Job.Data;
        bool vocabulary = data is { Text: "words", VocabularyFile.Length: 0, VocabularyFromDev: true };
        IEnumerable<string> all =
        [
            "train", source.Job.Evaluate.Split, .. vocabulary ? ["dev"] : Array.Empty<string>(),
            .. source.Job.Evaluate.FinalSplit is { } final ? [final] : Array.Empty<string>(),
        ];
        return [.. all.Distinct(StringComparer.Ordinal)];
    }

    private static string Words(PackSummary pack) => FormattableString.Invariant(
        $"{pack.Splits} splits, {pack.Images} images, {pack.Captions} captions in {pack.Shards} shards, ")
        + FormattableString.Invariant($"{pack.Bytes / Mebibyte:0.0} MiB, index sha256 {pack.IndexSha256}");
}
