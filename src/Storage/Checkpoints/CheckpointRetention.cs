namespace Colony.Storage;

/// <summary>
/// Decides which checkpoints go, and deletes them: the manifest first, so that none is ever half there.
/// </summary>
internal sealed class CheckpointRetention(IObjectStore store, CheckpointFiles files, CheckpointCatalog catalog)
{
    /// <summary>A checkpoint that was read whole once need not be read again at every retention.</summary>
    private (long Step, string Digest)? _proven;

    public async Task<IReadOnlyList<long>> RetainAsync(int keepLast, int keepBest, CancellationToken ct)
    {
        var folders = await CheckpointFolder.ListAsync(store, ct).ConfigureAwait(false);
        var entries = new List<CheckpointEntry>();
        foreach (var folder in folders.Where(f => f.HasManifest))
        {
            entries.Add(await catalog.EntryAsync(folder, ct).ConfigureAwait(false));
        }

        var kept = Keep(entries, keepLast, keepBest);
        kept.UnionWith(await PointedAsync(ct).ConfigureAwait(false));
        if (await ProveAsync(entries, kept, ct).ConfigureAwait(false) is not { } newest)
        {
            return []; // nothing here is known to be good: nothing may go
        }

        // Damaged or uncommitted folders newer than every good one may still be in the making, or be all that is left.
        // A part of an older one may still be on its way while a later one is complete, but hardly while two are.
        var second = entries.Where(e => e.Problem is null && e.Step < newest).Select(e => e.Step)
            .DefaultIfEmpty().Max();
        var gone = folders.Where(f => !kept.Contains(f.Step) && f.Step < (f.HasManifest ? newest : second)).ToArray();
        foreach (var folder in gone)
        {
            await DeleteAsync(folder, ct).ConfigureAwait(false);
        }

        return [.. gone.Select(f => f.Step)];
    }

    /// <summary>The steps to keep by age and by Rsum; only whole ones count.</summary>
    internal static HashSet<long> Keep(IReadOnlyList<CheckpointEntry> entries, int keepLast, int keepBest)
    {
        var whole = entries.Where(e => e.Problem is null).ToArray();
        return
        [
            .. whole.OrderByDescending(e => e.Step).Take(keepLast).Select(e => e.Step),
            .. CheckpointCatalog.ByRsum(whole).Take(keepBest).Select(e => e.Step),
        ];
    }

    private async Task<IEnumerable<long>> PointedAsync(CancellationToken ct)
    {
        var latest = await files.PointerAsync(CheckpointNames.Latest, ct).ConfigureAwait(false);
        var best = await files.PointerAsync(CheckpointNames.Best, ct).ConfigureAwait(false);
        return new[] { latest, best }.OfType<CheckpointPointer>().Select(p => p.Step);
    }

    /// <summary>
    /// Sees that one of those that stay is good down to its hashes, newest first; when none is, keeps the newest good
    /// one of the others.
    /// </summary>
    /// <returns>The newest step that counts as committed; null when nothing is good.</returns>
    private async Task<long?> ProveAsync(List<CheckpointEntry> entries, HashSet<long> kept, CancellationToken ct)
    {
        var whole = entries.Where(e => e.Problem is null)
            .OrderByDescending(e => kept.Contains(e.Step)).ThenByDescending(e => e.Step);
        foreach (var entry in whole)
        {
            var name = (entry.Step, entry.Manifest!.Digest);
            try
            {
                if (_proven != name)
                {
                    await files.VerifyAsync(entry.Manifest, ct).ConfigureAwait(false);
                    _proven = name;
                }

                kept.Add(entry.Step);
                return entry.Step;
            }
            catch (CheckpointException)
            {
                // Not good: the next one has to carry the guarantee.
            }
        }

        return null;
    }

    private async Task DeleteAsync(CheckpointFolder folder, CancellationToken ct)
    {
        if (folder.HasManifest)
        {
            await store.DeleteAsync(CheckpointNames.Manifest(folder.Step), ct).ConfigureAwait(false);
        }

        var prefix = CheckpointNames.Folder(folder.Step);
        foreach (var file in folder.Files.Keys.Where(name => prefix + name != CheckpointNames.Manifest(folder.Step)))
        {
            await store.DeleteAsync(prefix + file, ct).ConfigureAwait(false);
        }

        await store.DeleteLeftoversAsync(prefix, ct).ConfigureAwait(false);
    }
}
