using Colony.Data;
using Colony.Jobs;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>What a worker does before it reports ready, for whoever only wants to know whether a job can be
/// trained.</summary>
public static class DryRun
{
    /// <summary>Builds model, objective and optimizer of a job, takes its initial weights, and goes through a first
    /// step on two slices of the data; whether its numbers are finite is not looked at. Takes the memory of one
    /// worker.</summary>
    /// <param name="job">The job.</param>
    /// <param name="baseDirectory">The folder that relative paths of the job start from.</param>
    /// <param name="train">The data to train on.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Lets it end early.</param>
    /// <returns>Parameters of the model.</returns>
    /// <exception cref="ArgumentException">Options, data, or groups of parameters do not fit each other.</exception>
    /// <exception cref="TorchException">The step cannot be computed.</exception>
    /// <exception cref="Storage.StorageException">The initial weights do not fit.</exception>
    public static async Task<long> StepAsync(
        Job job, string baseDirectory, IDataset train, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(train);
        using var compute = new ComputeThread("dry run");
        return await compute.RunAsync(async () =>
        {
            Trainer.Prepare(job);
            var inputs = TrainingInputs.Of(train);
            using Replica replica = InitialWeights.Begin(job, baseDirectory, inputs, train.Samples);
            using var updates = new UpdateShelf();
            using var runner = new StepRunner(job, train, replica, updates, time, _ => { });
            await runner.RehearseAsync(cancellationToken).ConfigureAwait(true);
            return replica.Encoder.Module.parameters().Sum(p => p.numel());
        }).ConfigureAwait(false);
    }
}
