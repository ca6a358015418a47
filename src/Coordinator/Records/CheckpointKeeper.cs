using System.Globalization;
using Colony.Jobs;
using Colony.Orchestration;
using Colony.Storage;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>Turns decisions about checkpoints into manifests, pointers and retention. One write at a time.</summary>
internal sealed class CheckpointKeeper(CheckpointCatalog catalog, Job job, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    public async Task CommitAsync(CommitCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await catalog.CommitAsync(
                new CheckpointManifest
                {
                    Job = job.Name,
                    JobHash = job.Hash(),
                    Step = checkpoint.Step,
                    Generation = checked((long)checkpoint.Generation),
                    Digest = checkpoint.Digest.ToString("x16", CultureInfo.InvariantCulture),
                    Created = time.GetUtcNow(),
                    Ledger = [.. checkpoint.Ledger.Epochs.Select(
                        e => new LedgerEpoch(e.Epoch, e.Expected, e.Consumed, e.Duplicates, e.Missing))],
                    DatasetSamples = checkpoint.Ledger.Geometry.Samples,
                    OpenEpochSamples = Convert.ToBase64String(checkpoint.Ledger.Open.ToBits()),
                    Parts = [.. checkpoint.Parts.Select(p => new CheckpointPart(p.Name, p.Bytes, p.Sha256))],
                    JobYaml = job.ToYaml(),
                },
                cancellationToken).ConfigureAwait(false);
            await catalog.RetainAsync(job.Checkpoint.KeepLast, job.Checkpoint.KeepBest, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async Task MarkBestAsync(Proto.Evaluation evaluation, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await catalog.MarkBestAsync(
                evaluation.Step,
                new EvaluationSummary
                {
                    Split = evaluation.Split,
                    Rsum = evaluation.Rsum,
                    ImageToText = [evaluation.ImageToText.R1, evaluation.ImageToText.R5, evaluation.ImageToText.R10],
                    TextToImage = [evaluation.TextToImage.R1, evaluation.TextToImage.R5, evaluation.TextToImage.R10],
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>The account that a checkpoint keeps.</summary>
    public static SampleLedger Ledger(CheckpointManifest manifest, RunGeometry geometry) => SampleLedger.Restore(
        geometry,
        manifest.Step,
        manifest.Ledger.Select(e => new EpochAccount(e.Epoch, e.Expected, e.Consumed, e.Duplicates, e.Missing)),
        SampleSet.FromBits(Convert.FromBase64String(manifest.OpenEpochSamples)));

    public void Dispose() => _oneAtATime.Dispose();
}
