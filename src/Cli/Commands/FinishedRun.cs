using System.Globalization;
using Colony.Cli.Running;
using Colony.Data;
using Colony.Evaluator;
using Colony.Storage;

namespace Colony.Cli.Commands;

/// <summary>
/// A run's folder as <c>eval</c> and <c>query</c> open it: its job, and the weights of one of its checkpoints.
/// </summary>
internal static class FinishedRun
{
    /// <summary>The job of a run.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="baseDirectory">What relative paths of the job start from; null for where the run was started
    /// from.</param>
    public static JobSource Source(string run, string? baseDirectory)
    {
        var folder = new RunFolder(Path.GetFullPath(run));
        if (!File.Exists(folder.Job))
        {
            throw new UsageException(
                $"{run}: is no run's folder (there is no {JobSource.ResolvedName}); "
                + "give --run a folder that colony train wrote");
        }

        string origin = folder.At(BaseFile);
        return JobSource.Read(
            folder.Job, [], baseDirectory ?? (File.Exists(origin) ? File.ReadAllText(origin).Trim() : folder.Path));
    }

    /// <summary>Name of the file in a run's folder that says where its relative paths start.</summary>
    public const string BaseFile = "base";

    /// <summary>Where the run's checkpoints lie.</summary>
    public static IObjectStore Store(string run, JobSource source) =>
        RunFolder.OpenStore(new RunFolder(Path.GetFullPath(run)).StoreAddress(source.Job.Checkpoint.Store));

    /// <summary>A checkpoint by what the user calls it: latest, best or a step.</summary>
    /// <exception cref="UsageException">There is none, or that is no name for one.</exception>
    public static async Task<CheckpointManifest> ChooseAsync(
        string run, CheckpointCatalog catalog, string which, CancellationToken cancellationToken)
    {
        CheckpointManifest? manifest = which switch
        {
            "latest" => await catalog.LatestAsync(cancellationToken).ConfigureAwait(false),
            "best" => await catalog.BestAsync(cancellationToken).ConfigureAwait(false)
                ?? await catalog.LatestAsync(cancellationToken).ConfigureAwait(false),
            _ when long.TryParse(which, CultureInfo.InvariantCulture, out long step) =>
                (await catalog.OpenAsync(step, cancellationToken).ConfigureAwait(false)).Manifest,
            _ => throw new UsageException($"--checkpoint {which}: write latest, best or a step"),
        };
        return manifest
            ?? throw new UsageException($"{run}: holds no checkpoint yet; train further or give another --run");
    }

    /// <summary>The model with the weights of a checkpoint: of a step, the best, or the latest.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="source">Its job.</param>
    /// <param name="dataset">The split to embed.</param>
    /// <param name="split">Its name.</param>
    /// <param name="which">The checkpoint.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    public static async Task<TrainedModel> OpenAsync(
        string run, JobSource source, IDataset dataset, string split, string which,
        CancellationToken cancellationToken)
    {
        using IObjectStore store = Store(run, source);
        var catalog = new CheckpointCatalog(store, note => ProgressView.Say(note));
        CheckpointManifest manifest = await ChooseAsync(run, catalog, which, cancellationToken).ConfigureAwait(false);
        var model = new TrainedModel(source.Job, dataset, split);
        try
        {
            await model.LoadAsync(
                await catalog.OpenAsync(manifest.Step, cancellationToken).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
