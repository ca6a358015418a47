using System.Security.Cryptography;
using System.Text;

namespace Colony.Jobs;

/// <summary>
/// One training run as its YAML file describes it, with every default filled in. Immutable; made by
/// <see cref="JobFile.Parse"/>.
/// </summary>
public sealed record Job
{
    /// <summary>The seed of a job that names none.</summary>
    public const ulong DefaultSeed = 1;

    /// <summary>First line of what is hashed; a change of the canonical form changes it.</summary>
    private const string HashedForm = "colony job 1\n";

    /// <summary>The job's name (key <c>job</c>): small letters, digits and dashes, at most 63 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The seed of every random draw.</summary>
    public ulong Seed { get; init; } = DefaultSeed;

    /// <summary>The bound <c>data</c> section: an instance of <see cref="IJobVocabulary.DataOptions"/>.</summary>
    public required object Data { get; init; }

    /// <summary>The geometry of a global batch.</summary>
    public BatchSection Batch { get; init; } = new();

    /// <summary>The encoder.</summary>
    public required JobComponent Model { get; init; }

    /// <summary>The loss over a gathered global batch.</summary>
    public required JobComponent Objective { get; init; }

    /// <summary>Optimizer, schedule, length, device.</summary>
    public TrainSection Train { get; init; } = new();

    /// <summary>The all-reduce.</summary>
    public CollectiveSection Collective { get; init; } = new();

    /// <summary>Durable state.</summary>
    public CheckpointSection Checkpoint { get; init; } = new();

    /// <summary>Recall during the run.</summary>
    public EvaluateSection Evaluate { get; init; } = new();

    /// <summary>Number of workers and failure detection.</summary>
    public WorkersSection Workers { get; init; } = new();

    /// <summary>The coordinator's addresses.</summary>
    public ListenSection Listen { get; init; } = new();

    /// <summary>
    /// SHA-256 (64 small hexadecimal digits) over the resolved form of what determines the weights: everything except
    /// <c>checkpoint</c>, <c>evaluate</c>, <c>workers</c> and <c>listen</c>, and keys whose every value gives the same
    /// weights (<see cref="SameWeightsAttribute"/>). Workers with another hash are refused.
    /// </summary>
    /// <remarks>
    /// Read with <see cref="OpaqueVocabulary"/>, a file that leaves defaults of data, model or objective out has
    /// another hash than when read in full; a resolved one (<see cref="ToYaml"/>) has the same, unless it sets keys of
    /// them in which machines may differ.
    /// </remarks>
    public string Hash()
    {
        var decisive = new MappingNode(default, Decisive(hashed: true));
        var form = Encoding.UTF8.GetBytes(HashedForm + NodeWriter.Write(decisive));
        return Convert.ToHexStringLower(SHA256.HashData(form));
    }

    /// <summary>
    /// The resolved job as canonical YAML: every key in a fixed order, defaults written out. Parses to an equal job.
    /// </summary>
    public string ToYaml()
    {
        List<MappingEntry> entries =
        [
            .. Decisive(hashed: false),
            Entry(JobKeys.Checkpoint, OptionsWriter.Write(Checkpoint)),
            Entry(JobKeys.Evaluate, OptionsWriter.Write(Evaluate)),
            Entry(JobKeys.Workers, OptionsWriter.Write(Workers)),
            Entry(JobKeys.Listen, OptionsWriter.Write(Listen)),
        ];
        return NodeWriter.Write(new MappingNode(default, entries));
    }

    private List<MappingEntry> Decisive(bool hashed) =>
    [
        Entry(JobKeys.Name, ScalarBinder.Write(Name)),
        Entry(JobKeys.Seed, ScalarBinder.Write(Seed)),
        Entry(JobKeys.Data, hashed ? OptionsWriter.WriteDecisive(Data) : OptionsWriter.Write(Data)),
        Entry(JobKeys.Batch, OptionsWriter.Write(Batch)),
        Entry(JobKeys.Model, Model.ToNode()),
        Entry(JobKeys.Objective, Objective.ToNode()),
        Entry(JobKeys.Train, hashed ? OptionsWriter.WriteDecisive(Train) : OptionsWriter.Write(Train)),
        Entry(JobKeys.Collective, OptionsWriter.Write(Collective)),
    ];

    private static MappingEntry Entry(string key, Node value) => new(default, key, value);
}

/// <summary>A model or objective chosen by name, with its options.</summary>
/// <param name="Name">The name in its registry.</param>
/// <param name="Options">An instance of the options type that the vocabulary gave for the name.</param>
public sealed record JobComponent(string Name, object Options)
{
    internal MappingNode ToNode()
    {
        var options = OptionsWriter.Write(Options);
        var name = new MappingEntry(default, JobKeys.ComponentName, ScalarBinder.Write(Name));
        return new MappingNode(default, [name, .. options.Entries]);
    }
}

/// <summary>The keys of a job file's first level, in canonical order.</summary>
internal static class JobKeys
{
    public const string Name = "job";
    public const string Seed = "seed";
    public const string Data = "data";
    public const string Batch = "batch";
    public const string Model = "model";
    public const string Objective = "objective";
    public const string Train = "train";
    public const string Collective = "collective";
    public const string Checkpoint = "checkpoint";
    public const string Evaluate = "evaluate";
    public const string Workers = "workers";
    public const string Listen = "listen";

    /// <summary>The key that chooses, inside <c>model</c> and <c>objective</c>.</summary>
    public const string ComponentName = "name";

    public static readonly IReadOnlyList<string> All =
    [
        Name, Seed, Data, Batch, Model, Objective, Train, Collective, Checkpoint, Evaluate, Workers, Listen,
    ];
}
