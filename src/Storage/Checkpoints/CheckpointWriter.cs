using System.Globalization;

namespace Colony.Storage;

/// <summary>Writes the parts of a checkpoint: each worker its own, at the same time, off the training thread.</summary>
public static class CheckpointWriter
{
    /// <summary>
    /// Writes one part and returns what the manifest must say of it. Nothing is committed by this; see
    /// <see cref="CheckpointCatalog.CommitAsync"/>. Writing a part again is harmless before the commit; after it, the
    /// same bytes are accepted without a write, and others are refused, so that a commit can never be spoiled.
    /// </summary>
    /// <param name="store">Where to.</param>
    /// <param name="step">The step whose update is in the weights.</param>
    /// <param name="part">This part's number, from 0.</param>
    /// <param name="parts">The number of parts.</param>
    /// <param name="tensors">The part's tensors; they must not change while this runs. May be empty.</param>
    /// <param name="ct">Abandons the write; the part does not appear then.</param>
    /// <exception cref="CheckpointException">The step is committed with other bytes in this part.</exception>
    /// <exception cref="StorageException">The store cannot be written; the message says why.</exception>
    public static async Task<CheckpointPart> WritePartAsync(
        IObjectStore store, long step, int part, int parts, IReadOnlyList<TensorData> tensors, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(tensors);
        var name = CheckpointNames.Part(part, parts);
        var key = CheckpointNames.Folder(step) + name;
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = "pt", // what Python's loaders look for
            ["step"] = step.ToString(CultureInfo.InvariantCulture),
        };
        Task<WrittenFile> Write(Stream stream, CancellationToken token) =>
            SafetensorsWriter.WriteAsync(stream, tensors, metadata, TensorOrder.Sorted, token);

        if (await CommittedAsync(store, step, name, ct).ConfigureAwait(false) is { } committed)
        {
            var again = await Write(Stream.Null, ct).ConfigureAwait(false);
            return again.Sha256 == committed.Sha256
                ? committed
                : throw new CheckpointException(
                    $"step {step} is already committed in {store.Location} and its '{name}' has the SHA-256 "
                    + $"{committed.Sha256}, but this run makes {again.Sha256}: two different runs share this store; "
                    + "give each its own directory or prefix.");
        }

        WrittenFile? written = null;
        await store.PutAsync(key, async (stream, token) => written = await Write(stream, token)
            .ConfigureAwait(false), ct)
            .ConfigureAwait(false);
        return new CheckpointPart(name, written!.Bytes, written.Sha256);
    }

    private static async Task<CheckpointPart?> CommittedAsync(
        IObjectStore store, long step, string name, CancellationToken ct)
    {
        var key = CheckpointNames.Manifest(step);
        if (!await store.ExistsAsync(key, ct).ConfigureAwait(false))
        {
            return null;
        }

        // A damaged manifest commits nothing, so its parts may be written anew.
        var text = await store.ReadAllAsync(key, CheckpointJson.MaxManifestBytes, ct).ConfigureAwait(false);
        return CheckpointJson.TryRead(text, out var manifest, out _)
            ? manifest.Parts.FirstOrDefault(p => p.Name == name)
            : null;
    }
}
