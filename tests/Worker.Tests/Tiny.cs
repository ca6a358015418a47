using Colony.Collective;
using Colony.Data;
using Colony.Jobs;
using Colony.Model;
using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>A tiny job, and replicas of its model.</summary>
internal sealed record Tiny
{
    public const int Width = 8;

    /// <summary>Far more than any step here takes; only a hang reaches it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public bool Normalize { get; init; }

    public double Dropout { get; init; }

    /// <summary>The tiny model has a layer that no loss reaches.</summary>
    public bool Idle { get; init; }

    public int Samples { get; init; } = 44;

    /// <summary>How the plan goes by shards; null for the global order.</summary>
    public ShardOrder? Shards { get; init; }

    public Job Job { get; init; } = new()
    {
        Name = "tiny",
        Data = new object(),
        Model = new JobComponent("tiny", new object()),
        Objective = new JobComponent("hinge", new HingeOptions()),
        Batch = new BatchSection { Size = 16, LogicalRanks = 5 },
        Train = new TrainSection { Epochs = 5, LearningRate = 1e-2, ClipNorm = 1 },
        Checkpoint = new CheckpointSection { EverySteps = 0 },
        Collective = new CollectiveSection { Block = 16 },
    };

    /// <summary>What trains when it is not the tiny model: encoder and objective, with initial values from the seeded
    /// generator.</summary>
    public Func<(IEncoder Encoder, IObjective Objective)>? Published { get; init; }

    public IDataset Data => Published is null ? new TinyData(Samples, Width, Shards) : new PublishedData(Samples);

    public Tiny Train(Func<TrainSection, TrainSection> change) =>
        this with { Job = Job with { Train = change(Job.Train) } };

    public Replica Replica()
    {
        ObjectiveRegistry.TryGet("hinge", out ObjectiveEntry? hinge);
        torch.manual_seed(7);
        (IEncoder encoder, IObjective objective) = Published?.Invoke()
            ?? (new TinyModel(Width, Normalize, Dropout, Idle), hinge!.Create(Job.Objective.Options));
        return new Replica(
            Job, encoder, objective, torch.CPU,
            new PlanGeometry(Job.Seed, Samples, Job.Batch.Size, Job.Batch.LogicalRanks).StepsPerEpoch);
    }

    public Trainer Trainer(SnapshotShelf shelf, CollectiveEndpoint endpoint, Func<Replica> build) => new(
        Job, Data, new ModelInputs(Width, Width, 0), endpoint, shelf, TimeProvider.System, build);

    /// <summary>Which logical ranks each of so many members hosts: as evenly as it goes, not next to each
    /// other.</summary>
    public int[] RanksOf(int member, int members) =>
        [.. Enumerable.Range(0, Job.Batch.LogicalRanks).Where(r => r % members == member)];
}
