namespace Colony.Storage;

/// <summary>One committed checkpoint, as a listing shows it.</summary>
/// <param name="Step">Its step.</param>
/// <param name="Manifest">Its manifest; null when that is damaged.</param>
/// <param name="Evaluation">The evaluation of its weights, when there is one.</param>
/// <param name="Problem">One line that says what is wrong with it, by names and sizes; null when nothing is.</param>
public sealed record CheckpointEntry(
    long Step, CheckpointManifest? Manifest, EvaluationSummary? Evaluation, string? Problem);

/// <summary>
/// The checkpoints of one run in a store. A checkpoint is committed by its manifest, which is written last; whatever is
/// in a step's folder without one is not a checkpoint. <c>latest</c> and <c>best</c> are hints: what they name is
/// checked, and a hint that leads nowhere falls back to what is there. One committer at a time; readers any number.
/// </summary>
public sealed class CheckpointCatalog
{
    private readonly IObjectStore _store;
    private readonly Action<string> _notice;
    private readonly CheckpointFiles _files;
    private readonly CheckpointRetention _retention;

    /// <summary>The catalog of a store.</summary>
    /// <param name="store">The store; not disposed with the catalog.</param>
    /// <param name="notice">Told in one line when something damaged is passed over; null to keep quiet.</param>
    public CheckpointCatalog(IObjectStore store, Action<string>? notice = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _notice = notice ?? (_ => { });
        _files = new CheckpointFiles(store, _notice);
        _retention = new CheckpointRetention(store, _files, this);
    }

    /// <summary>
    /// Commits a checkpoint: sees that every part is there with its size and a sound header, writes the manifest, then
    /// points <c>latest</c> to the newest step. Committing the same state of a step again is harmless.
    /// </summary>
    /// <param name="manifest">The checkpoint; its tensor index is filled in from the parts.</param>
    /// <param name="ct">Abandons the commit; when the manifest is written already, the checkpoint stands.</param>
    /// <returns>The manifest as it is in the store.</returns>
    /// <exception cref="CheckpointException">
    /// A part is missing or not as said, a tensor is in two parts, or the step is committed with another state.
    /// </exception>
    public async Task<CheckpointManifest> CommitAsync(CheckpointManifest manifest, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var tensors = await IndexAsync(manifest, ct).ConfigureAwait(false);
        var whole = manifest with { FormatVersion = CheckpointManifest.CurrentFormat, Tensors = tensors };
        if (CheckpointJson.Check(whole) is { } problem)
        {
            throw new ArgumentException($"The manifest of step {manifest.Step} is not sound: "
                + $"{problem}.", nameof(manifest));
        }

        var committed = await SameStepAsync(whole, ct).ConfigureAwait(false);
        if (committed is null)
        {
            await _store.PutAsync(CheckpointNames.Manifest(whole.Step), CheckpointJson.Write(whole), ct)
                .ConfigureAwait(false);
            committed = whole;
        }

        await PointLatestAsync(committed.Step, ct).ConfigureAwait(false);
        return committed;
    }

    /// <summary>
    /// The newest whole checkpoint; null when nothing was ever committed. The one that <c>latest</c> names is taken by
    /// its manifest and the sizes of its parts; if it is not the newest, or not whole, the others are taken newest
    /// first, each with all its hashes checked.
    /// </summary>
    /// <exception cref="CheckpointException">There are committed checkpoints, and none is whole.</exception>
    public async Task<CheckpointManifest?> LatestAsync(CancellationToken ct)
    {
        var folders = await CommittedAsync(ct).ConfigureAwait(false);
        if (folders.Count == 0)
        {
            return null;
        }

        var pointer = await _files.PointerAsync(CheckpointNames.Latest, ct).ConfigureAwait(false);
        CheckpointException? first = null;
        foreach (var folder in Enumerable.Reverse(folders))
        {
            try
            {
                return await WholeAsync(folder, hashes: pointer?.Step != folders[^1].Step || first is not null, ct)
                    .ConfigureAwait(false);
            }
            catch (CheckpointException e)
            {
                _notice($"step {folder.Step} is passed over: {e.Message}");
                first ??= e;
            }
        }

        throw new CheckpointException(
            $"none of the {folders.Count} checkpoints in {_store.Location} is whole; the newest: "
            + $"{first!.Message}", first);
    }

    /// <summary>
    /// The checkpoint with the highest Rsum: the one that <c>best</c> names, or, when that is not whole, the best of
    /// those that are, with all hashes checked. Null when none has been evaluated.
    /// </summary>
    public async Task<CheckpointManifest?> BestAsync(CancellationToken ct)
    {
        var folders = await CommittedAsync(ct).ConfigureAwait(false);
        var pointer = await _files.PointerAsync(CheckpointNames.Best, ct).ConfigureAwait(false);
        if (folders.FirstOrDefault(f => f.Step == pointer?.Step) is { } named)
        {
            try
            {
                return await WholeAsync(named, hashes: false, ct).ConfigureAwait(false);
            }
            catch (CheckpointException e)
            {
                _notice($"the best step {named.Step} is passed over: {e.Message}");
            }
        }

        var entries = await ListAsync(ct).ConfigureAwait(false);
        foreach (var entry in ByRsum(entries.Where(e => e.Problem is null)))
        {
            try
            {
                await _files.VerifyAsync(entry.Manifest!, ct).ConfigureAwait(false);
                return entry.Manifest;
            }
            catch (CheckpointException e)
            {
                _notice($"step {entry.Step} is passed over: {e.Message}");
            }
        }

        return null;
    }

    /// <summary>
    /// Keeps the evaluation of a committed step beside its manifest, and points <c>best</c> to it when its Rsum is
    /// higher than that of the step named there, which stays on a tie.
    /// </summary>
    /// <returns>Whether the step is the new best; never when it is not kept, or not any more.</returns>
    public async Task<bool> MarkBestAsync(long step, EvaluationSummary evaluation, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        if (!double.IsFinite(evaluation.Rsum))
        {
            throw new ArgumentException($"The Rsum {evaluation.Rsum} of step {step} is not a "
                + "number.", nameof(evaluation));
        }

        if (!await _store.ExistsAsync(CheckpointNames.Manifest(step), ct).ConfigureAwait(false))
        {
            return false;
        }

        await _files.PutEvaluationAsync(step, evaluation, ct).ConfigureAwait(false);
        var pointer = await _files.PointerAsync(CheckpointNames.Best, ct).ConfigureAwait(false);
        if (pointer?.Rsum >= evaluation.Rsum && pointer.Step != step
            && await _store.ExistsAsync(CheckpointNames.Manifest(pointer.Step), ct).ConfigureAwait(false))
        {
            return false;
        }

        var best = new CheckpointPointer { Step = step, Rsum = evaluation.Rsum };
        await _files.PutPointerAsync(CheckpointNames.Best, best, ct).ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// All committed checkpoints, oldest first, judged by their manifests and the sizes of their parts.
    /// </summary>
    public async Task<IReadOnlyList<CheckpointEntry>> ListAsync(CancellationToken ct)
    {
        var entries = new List<CheckpointEntry>();
        foreach (var folder in await CommittedAsync(ct).ConfigureAwait(false))
        {
            entries.Add(await EntryAsync(folder, ct).ConfigureAwait(false));
        }

        return entries;
    }

    /// <summary>Reads every part of a checkpoint and compares its SHA-256 with the manifest's.</summary>
    /// <returns>The manifest, all of whose parts are whole.</returns>
    /// <exception cref="CheckpointException">
    /// The step is not committed, or a file is damaged: the message names it, the hash expected and the hash found.
    /// </exception>
    public async Task<CheckpointManifest> VerifyAsync(long step, CancellationToken ct)
    {
        var manifest = await _files.ManifestAsync(step, ct).ConfigureAwait(false);
        await _files.VerifyAsync(manifest, ct).ConfigureAwait(false);
        return manifest;
    }

    /// <summary>Opens a committed checkpoint for reading its tensors.</summary>
    /// <exception cref="CheckpointException">The step is not committed, or its manifest is damaged.</exception>
    public async Task<CheckpointReader> OpenAsync(long step, CancellationToken ct) =>
        new(_store, await _files.ManifestAsync(step, ct).ConfigureAwait(false));

    /// <summary>
    /// Deletes what is no longer needed: all checkpoints but the newest <paramref name="keepLast"/>, the
    /// <paramref name="keepBest"/> of highest Rsum, and those that <c>latest</c> and <c>best</c> name; and the files of
    /// steps that were never committed and are older than the second newest whole one. Before anything goes, one of
    /// those that stay has been read whole, so that the only good checkpoint is never deleted.
    /// </summary>
    /// <param name="keepLast">At least 1.</param>
    /// <param name="keepBest">At least 0.</param>
    /// <param name="ct">
    /// Stops between deletions; what is half deleted is no longer a checkpoint, and swept next time.
    /// </param>
    /// <returns>The steps that are gone, oldest first.</returns>
    public Task<IReadOnlyList<long>> RetainAsync(int keepLast, int keepBest, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keepLast, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(keepBest);
        return _retention.RetainAsync(keepLast, keepBest, ct);
    }

    /// <summary>Entries with an evaluation, highest Rsum first, the older first on a tie.</summary>
    internal static IEnumerable<CheckpointEntry> ByRsum(IEnumerable<CheckpointEntry> entries) => entries
        .Where(e => e.Evaluation is not null).OrderByDescending(e => e.Evaluation!.Rsum).ThenBy(e => e.Step);

    /// <summary>Judges one folder by its manifest and the sizes of its parts.</summary>
    internal async Task<CheckpointEntry> EntryAsync(CheckpointFolder folder, CancellationToken ct)
    {
        try
        {
            var manifest = await WholeAsync(folder, hashes: false, ct).ConfigureAwait(false);
            var evaluation = await _files.EvaluationAsync(manifest, folder, ct).ConfigureAwait(false);
            return new CheckpointEntry(folder.Step, manifest, evaluation, Problem: null);
        }
        catch (CheckpointException e)
        {
            return new CheckpointEntry(folder.Step, null, null, e.Message);
        }
    }

    private async Task<List<CheckpointFolder>> CommittedAsync(CancellationToken ct) =>
        [.. (await CheckpointFolder.ListAsync(_store, ct).ConfigureAwait(false)).Where(f => f.HasManifest)];

    private async Task<CheckpointManifest> WholeAsync(CheckpointFolder folder, bool hashes, CancellationToken ct)
    {
        var manifest = await _files.ManifestAsync(folder.Step, ct).ConfigureAwait(false);
        _files.CheckSizes(manifest, folder);
        if (hashes)
        {
            await _files.VerifyAsync(manifest, ct).ConfigureAwait(false);
        }

        return manifest;
    }

    private async Task<SortedDictionary<string, string>> IndexAsync(CheckpointManifest manifest, CancellationToken ct)
    {
        var tensors = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in manifest.Parts)
        {
            var key = CheckpointNames.Folder(manifest.Step) + part.Name;
            var found = await _store.FindAsync(key, ct).ConfigureAwait(false);
            if (found?.Bytes != part.Bytes)
            {
                throw CheckpointException.Size(_store, key, part.Bytes, found?.Bytes);
            }

            var header = await _files.HeaderAsync(manifest.Step, part, ct).ConfigureAwait(false);
            foreach (var entry in header.Entries.Where(entry => !tensors.TryAdd(entry.Name, part.Name)))
            {
                throw new CheckpointException(
                    $"tensor '{entry.Name}' is in '{tensors[entry.Name]}' and in '{part.Name}' of step "
                    + $"{manifest.Step} in {_store.Location}: two workers wrote it; each tensor belongs to one part.");
            }
        }

        return tensors;
    }

    /// <summary>The step's commit of the same state, if there is one already; a damaged one does not count.</summary>
    private async Task<CheckpointManifest?> SameStepAsync(CheckpointManifest manifest, CancellationToken ct)
    {
        var folders = await CheckpointFolder.ListAsync(_store, ct).ConfigureAwait(false);
        if (folders.FirstOrDefault(f => f.Step == manifest.Step) is not { HasManifest: true } folder
            || (await EntryAsync(folder, ct).ConfigureAwait(false)).Manifest is not { } committed)
        {
            return null;
        }

        // The weights' hash is not always computed; the digest always is.
        var sameWeights = committed.WeightsSha256 is null || manifest.WeightsSha256 is null
            || committed.WeightsSha256 == manifest.WeightsSha256;
        return sameWeights && committed.Digest == manifest.Digest && committed.JobHash == manifest.JobHash
            ? committed
            : throw new CheckpointException(
                $"step {manifest.Step} is already committed in {_store.Location} with the digest {committed.Digest}, "
                + $"and this run has {manifest.Digest}: two different runs share this store; give each its own "
                + "directory or prefix.");
    }

    private async Task PointLatestAsync(long step, CancellationToken ct)
    {
        var pointer = await _files.PointerAsync(CheckpointNames.Latest, ct).ConfigureAwait(false);
        if (pointer is not null && pointer.Step > step
            && await _store.ExistsAsync(CheckpointNames.Manifest(pointer.Step), ct).ConfigureAwait(false))
        {
            return;
        }

        await _files.PutPointerAsync(CheckpointNames.Latest, new CheckpointPointer { Step = step }, ct)
            .ConfigureAwait(false);
    }
}
