using Colony.Faults;
using Colony.Jobs;
using Colony.Orchestration;
using Colony.Telemetry;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>What the coordinator actor carries effects out with.</summary>
internal sealed record CoordinatorParts(
    Job Job,
    TimeProvider Time,
    EventLog Events,
    CoordinatorMetrics Metrics,
    CheckpointKeeper Checkpoints,
    IRunView View,
    string Store,
    FileJournal? Journal,
    FaultPoints? Faults)
{
    /// <summary>Completed once the run is over and its last manifest is written.</summary>
    public TaskCompletionSource<RunResult> Ended { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Proto.WorkerCommand Welcome(SendWelcome welcome) => new()
    {
        Welcome = new Proto.Welcome
        {
            Worker = welcome.Worker,
            CheckpointStep = welcome.CheckpointStep,
            CommittedStep = welcome.CommittedStep,
            Store = Store,
            HeartbeatMilliseconds = Job.Workers.HeartbeatMs,
        },
    };
}
