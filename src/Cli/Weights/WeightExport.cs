using Colony.Model;
using Colony.Storage;

namespace Colony.Cli.Weights;

/// <summary>Writes the weights of a checkpoint as safetensors under the published names.</summary>
internal static class WeightExport
{
    /// <summary>What parameters and buffers are called in checkpoints.</summary>
    private static readonly string[] Prefixes = ["model.", "buffer."];

    /// <summary>Reads, checks every hash, renames and writes.</summary>
    /// <param name="reader">The checkpoint.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="only">Takes only names that begin so, and cuts that off; empty takes all.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="say">Takes one line for people at a time.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <exception cref="UsageException">Nothing begins with <paramref name="only"/>.</exception>
    public static async Task RunAsync(
        CheckpointReader reader, string model, string only, string output, Action<string> say,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<TensorData> read = await reader.ReadAsync(
            name => Published(name)?.StartsWith(only, StringComparison.Ordinal) == true, cancellationToken)
            .ConfigureAwait(false);
        if (read.Count == 0)
        {
            IEnumerable<string> first = reader.Manifest.Tensors.Keys.Select(Published).OfType<string>()
                .Select(name => name.Split('.')[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
            throw new UsageException(
                $"--only {only}: no weight begins so; names begin with {string.Join(", ", first)}");
        }

        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = "pt",
            [ImportedWeights.ModelKey] = model,
        };
        if (only.Length == 0)
        {
            metadata[ImportedWeights.PartKey] = ImportedWeights.WholePart;
        }

        WrittenFile written = await WeightFile.WriteAsync(
            output, [.. read.Select(t => t with { Name = Published(t.Name)![only.Length..] })], metadata,
            cancellationToken).ConfigureAwait(false);
        say($"{output}: {read.Count} tensors of step {reader.Manifest.Step}, {written.Bytes} bytes, sha256 "
            + written.Sha256);
    }

    private static string? Published(string name) =>
        Prefixes.FirstOrDefault(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } found
            ? name[found.Length..]
            : null;
}
