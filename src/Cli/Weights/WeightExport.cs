using Colony.Jobs;
using Colony.Model;
using Colony.Storage;
using Colony.Torch;

namespace Colony.Cli.Weights;

/// <summary>Writes the weights of a checkpoint as safetensors, with all the names of the published state.</summary>
internal static class WeightExport
{
    /// <summary>What parameters and buffers are called in checkpoints.</summary>
    private static readonly string[] Prefixes = ["model.", "buffer."];

    /// <summary>What the objective's parameters are called there.</summary>
    private const string LearnedPrefix = "objective.";

    /// <summary>Reads, checks every hash, renames, adds what only published code has, and writes.</summary>
    /// <param name="reader">The checkpoint.</param>
    /// <param name="job">The run's job.</param>
    /// <param name="only">Takes only names that begin so, and cuts that off; empty takes all.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="say">Takes one line for people at a time.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <exception cref="UsageException">Nothing begins with <paramref name="only"/>.</exception>
    public static async Task RunAsync(
        CheckpointReader reader, Job job, string only, string output, Action<string> say,
        CancellationToken cancellationToken)
    {
        IObjective objective = ObjectiveRegistry.Get(job.Objective.Name).Create(job.Objective.Options);
        using torch.nn.Module? learned = objective.Module;
        IReadOnlyList<TensorData> read = await reader.ReadAsync(
            name => Published(name, objective) is not null, cancellationToken).ConfigureAwait(false);
        TensorData[] own = [.. read.Select(tensor => tensor with { Name = Published(tensor.Name, objective)! })];
        using PublishedRest rest = PublishedRest.Of(
            ModelRegistry.Get(job.Model.Name), job.Model.Options,
            [.. own.Select(tensor => new WeightShape(tensor.Name, tensor.Shape))]);
        TensorData[] all =
        [
            .. own,
            .. rest.Layers.Select(layer => ForeignWeights.Of(layer.Name, layer.Values)),
            .. rest.SecondNames.Select(pair => own.First(tensor => tensor.Name == pair.Own) with
            {
                Name = pair.Foreign,
            }),
        ];
        TensorData[] taken = [.. all.Where(tensor => tensor.Name.StartsWith(only, StringComparison.Ordinal))];
        if (taken.Length == 0)
        {
            IEnumerable<string> first = all.Select(tensor => tensor.Name.Split('.')[0])
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
            throw new UsageException(
                $"--only {only}: no weight begins so; names begin with {string.Join(", ", first)}");
        }

        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = "pt",
            [ImportedWeights.ModelKey] = job.Model.Name,
        };
        if (only.Length == 0)
        {
            metadata[ImportedWeights.PartKey] = ImportedWeights.WholePart;
            metadata[ImportedWeights.RestKey] = string.Join('\n', rest.Names);
        }

        WrittenFile written = await WeightFile.WriteAsync(
            output, [.. taken.Select(tensor => tensor with { Name = tensor.Name[only.Length..] })], metadata,
            cancellationToken).ConfigureAwait(false);
        say($"{output}: {taken.Length} tensors of step {reader.Manifest.Step}, {written.Bytes} bytes, sha256 "
            + written.Sha256);
        int untrained = rest.Layers.Count(layer => layer.Name.StartsWith(only, StringComparison.Ordinal));
        if (untrained > 0)
        {
            say($"{untrained} of them are of layers that published code has and nothing reads: they are untrained");
        }
    }

    private static string? Published(string name, IObjective objective) =>
        Prefixes.FirstOrDefault(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } found
            ? name[found.Length..]
        : name.StartsWith(LearnedPrefix, StringComparison.Ordinal) && objective.PublishedPrefix is { } published
            ? published + name[LearnedPrefix.Length..]
        : null;
}
