using System.Text;
using Colony.Storage;

namespace Colony.Data;

/// <summary>
/// The place a pack is written to: who may write there, and what is tidied up. A marker with the source's fingerprint
/// stands there until the index does, so that a pack that was broken off can be written again and nothing else is
/// written over.
/// </summary>
internal sealed class PackPlace(IObjectStore store)
{
    public const string MarkerKey = "unfinished-pack";

    private const int MarkerBytes = 256;

    public static string Name(IObjectStore store, string key) => $"{store.Location.TrimEnd('/')}/{key}";

    /// <summary>Takes the place, or refuses it. Gives the files of a pack that is written over.</summary>
    public async Task<IReadOnlyList<string>> BeginAsync(string fingerprint, bool force, CancellationToken ct)
    {
        IReadOnlyList<string> replaced = [];
        if (await IsTakenAsync(ct).ConfigureAwait(false))
        {
            var finished = await store.ExistsAsync(PackIndex.Key, ct).ConfigureAwait(false);
            if (!force && (finished || !await IsOursAsync(fingerprint, ct).ConfigureAwait(false)))
            {
                throw DataException.In(
                    store.Location,
                    finished
                        ? "holds a finished pack; name another place, or add --force to write over it"
                        : "is not empty, and what is there is no unfinished pack of this source; name another place, "
                            + "or add --force");
            }

            replaced = finished ? await FilesAsync(ct).ConfigureAwait(false) : [];
            await store.DeleteAsync(PackIndex.Key, ct).ConfigureAwait(false);
            await store.DeleteLeftoversAsync("", ct).ConfigureAwait(false);
        }

        await store.PutAsync(MarkerKey, Encoding.ASCII.GetBytes(fingerprint), ct).ConfigureAwait(false);
        return replaced;
    }

    /// <summary>Removes what is of no use beside the new index.</summary>
    public async Task EndAsync(IReadOnlyList<string> replaced, PackIndex index, CancellationToken ct)
    {
        var kept = index.Files.Select(file => file.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var key in replaced.Where(key => !kept.Contains(key)).Append(MarkerKey))
        {
            await store.DeleteAsync(key, ct).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsTakenAsync(CancellationToken ct)
    {
        await foreach (var unused in store.ListAsync("", ct).ConfigureAwait(false))
        {
            return true;
        }

        return false;
    }

    private async Task<bool> IsOursAsync(string fingerprint, CancellationToken ct)
    {
        if (!await store.ExistsAsync(MarkerKey, ct).ConfigureAwait(false))
        {
            return false;
        }

        var marker = await store.ReadAllAsync(MarkerKey, MarkerBytes, ct).ConfigureAwait(false);
        return Encoding.ASCII.GetString(marker) == fingerprint;
    }

    private async Task<IReadOnlyList<string>> FilesAsync(CancellationToken ct)
    {
        try
        {
            var bytes = await store.ReadAllAsync(PackIndex.Key, PackIndex.MaxBytes, ct).ConfigureAwait(false);
            return [.. PackIndexReader.Read(bytes, Name(store, PackIndex.Key)).Files.Select(file => file.Key)];
        }
        catch (DataException)
        {
            return []; // of no pack that can be read: its files cannot be told from others and stay
        }
    }
}
