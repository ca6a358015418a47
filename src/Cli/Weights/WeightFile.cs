using Colony.Storage;

namespace Colony.Cli.Weights;

/// <summary>Writes a safetensors file in one piece: it is there whole or not at all.</summary>
internal static class WeightFile
{
    /// <summary>Writes tensors in the order of their names.</summary>
    /// <exception cref="UsageException">The place cannot be written.</exception>
    public static async Task<WrittenFile> WriteAsync(
        string path,
        IReadOnlyList<TensorData> tensors,
        IReadOnlyDictionary<string, string> metadata,
        CancellationToken cancellationToken)
    {
        string part = path + ".part";
        try
        {
            WrittenFile written;
            FileStream stream = File.Create(part);
            await using (stream.ConfigureAwait(false))
            {
                written = await SafetensorsWriter.WriteAsync(
                    stream, tensors, metadata, TensorOrder.Sorted, cancellationToken).ConfigureAwait(false);
            }

            File.Move(part, path, overwrite: true);
            return written;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: cannot be written ({failure.Message}); choose another --out");
        }
    }
}
