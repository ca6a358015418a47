using Colony.Orchestration;
using Colony.Storage;
using Colony.Telemetry;

namespace Colony.Coordinator;

/// <summary>What a coordinator finds when it starts: nothing, a checkpoint, or the journal of one that died.</summary>
internal static class Beginning
{
    /// <summary>The event that a coordinator begins with; null for a fresh run.</summary>
    /// <exception cref="StorageException">There is a run already and nobody asked to go on with it, or it is of another
    /// job.</exception>
    public static async Task<CoordinatorEvent?> OfAsync(
        CoordinatorHostOptions options,
        CheckpointCatalog catalog,
        FileJournal? journal,
        EventLog events,
        CancellationToken cancellationToken)
    {
        CheckpointManifest? latest = await catalog.LatestAsync(cancellationToken).ConfigureAwait(false);
        JournalState known = journal?.State ?? JournalState.Empty;
        if (!options.Resume && (latest is not null || known.Geometry is not null))
        {
            string what = latest is not null ? $"a checkpoint of step {latest.Step}" : "the journal of a run";
            throw new StorageException(
                $"{(latest is not null ? options.Store : options.Journal)}: holds {what} already; "
                + "add --resume to go on from it, or choose another --out");
        }

        SampleLedger? checkpoint = latest is null ? null : Account(options, latest);
        if (journal is { CutBytes: > 0 })
        {
            events.Write("journal_cut", ("bytes", journal.CutBytes));
        }

        return known.Geometry is not null ? new RunRestored(known, checkpoint)
            : checkpoint is not null ? new RunResumed(checkpoint.Geometry, checkpoint, (ulong)latest!.Generation)
            : null;
    }

    private static SampleLedger Account(CoordinatorHostOptions options, CheckpointManifest latest)
    {
        string hash = options.Job.Hash();
        if (!string.Equals(latest.JobHash, hash, StringComparison.Ordinal))
        {
            throw new StorageException(
                $"{options.Store}: the checkpoint of step {latest.Step} is of another job "
                + $"({latest.JobHash[..12]} is not {hash[..12]}); "
                + "resume with the job file that it was trained with, or choose another --out");
        }

        var geometry = new RunGeometry(
            latest.DatasetSamples, options.Job.Batch.Size, options.Job.Batch.LogicalRanks, options.Job.Train.Epochs,
            options.Job.Train.MaxSteps);
        return CheckpointKeeper.Ledger(latest, geometry);
    }
}
