namespace Colony.Storage;

/// <summary>
/// Reads the tensors of one checkpoint, across its parts, checking each part's SHA-256 while it streams by.
/// </summary>
public sealed class CheckpointReader
{
    private readonly IObjectStore _store;

    internal CheckpointReader(IObjectStore store, CheckpointManifest manifest) =>
        (_store, Manifest) = (store, manifest);

    /// <summary>The checkpoint.</summary>
    public CheckpointManifest Manifest { get; }

    /// <summary>
    /// Reads every tensor into the memory that <paramref name="destination"/> names (libtorch's own, say), without a
    /// copy between. What arrived may be used only when this has returned: a damaged part is known at its end.
    /// </summary>
    /// <param name="destination">Called once a tensor, in the order of the files; null lets a tensor pass.</param>
    /// <param name="ct">Abandons the read.</param>
    /// <exception cref="CheckpointException">A part is missing, cut or damaged; the message names it.</exception>
    public async Task LoadAsync(TensorDestination destination, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(destination);
        foreach (var part in Manifest.Parts)
        {
            await LoadAsync(part, destination, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the tensors that are wanted into memory of their own, in the order of their names.</summary>
    /// <param name="wanted">Chooses by name.</param>
    /// <param name="ct">Abandons the read.</param>
    /// <exception cref="CheckpointException">A part is missing, cut or damaged; the message names it.</exception>
    public async Task<IReadOnlyList<TensorData>> ReadAsync(Predicate<string> wanted, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var tensors = new List<TensorData>();
        Memory<byte>? Take(SafetensorsEntry entry)
        {
            if (!wanted(entry.Name))
            {
                return null;
            }

            // No larger than the part, whose size the store has confirmed.
            var bytes = new byte[entry.Bytes];
            tensors.Add(new TensorData(entry.Name, entry.Type, entry.Shape, bytes));
            return bytes;
        }

        await LoadAsync(Take, ct).ConfigureAwait(false);
        return [.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal)];
    }

    private async Task LoadAsync(CheckpointPart part, TensorDestination destination, CancellationToken ct)
    {
        var key = CheckpointNames.Folder(Manifest.Step) + part.Name;
        try
        {
            var stream = await _store.OpenReadAsync(key, ct).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var read = await SafetensorsStream.ReadAsync(stream, key, part.Bytes, destination, ct)
                    .ConfigureAwait(false);
                if (read.Sha256 != part.Sha256)
                {
                    throw CheckpointException.Hash(_store, key, part.Sha256, read.Sha256);
                }
            }
        }
        catch (ObjectNotFoundException)
        {
            throw CheckpointException.Size(_store, key, part.Bytes, null);
        }
        catch (IOException e)
        {
            throw FileErrors.Explain(e, "read", $"{_store.Location}/{key}");
        }
        catch (SafetensorsException e)
        {
            throw new CheckpointException(
                $"{e.Message.TrimEnd('.')}, or resume from an older checkpoint in {_store.Location}.", e);
        }
    }
}
