using System.ComponentModel.DataAnnotations;

namespace Colony.Jobs;

/// <summary>
/// Binds the first level of a job file: known sections to their records, the three open ones through the vocabulary.
/// </summary>
internal sealed class JobReader(MappingNode root, IJobVocabulary vocabulary, List<JobError> errors)
{
    private delegate bool Lookup(string name, out Type? options);

    private readonly OptionsBinder _binder = new(errors);

    /// <summary>
    /// Sections with errors of their own: comparing their values with others would only raise false alarms.
    /// </summary>
    private readonly HashSet<string> _spoilt = [];

    public Job Read()
    {
        foreach (var entry in root.Entries.Where(e => !JobKeys.All.Contains(e.Key)))
        {
            errors.Add(new JobError(entry.KeyPlace,
                $"a job has no {Show.Word(entry.Key)}; {Suggestion.Cure(entry.Key, JobKeys.All)}"));
        }

        var heading = (JobHeading)_binder.Bind(typeof(JobHeading), Heading(), path: "");
        var job = new Job
        {
            Name = heading.Job,
            Seed = heading.Seed,
            Data = Data(),
            Batch = Section<BatchSection>(JobKeys.Batch),
            Model = Component(JobKeys.Model, vocabulary.Models, vocabulary.TryModel),
            Objective = Component(JobKeys.Objective, vocabulary.Objectives, vocabulary.TryObjective),
            Train = Section<TrainSection>(JobKeys.Train),
            Collective = Section<CollectiveSection>(JobKeys.Collective),
            Checkpoint = Section<CheckpointSection>(JobKeys.Checkpoint),
            Evaluate = Section<EvaluateSection>(JobKeys.Evaluate),
            Workers = Section<WorkersSection>(JobKeys.Workers),
            Listen = Section<ListenSection>(JobKeys.Listen),
        };
        CheckAcross(job);
        return job;
    }

    private MappingNode Heading() =>
        root with { Entries = [.. root.Entries.Where(e => e.Key is JobKeys.Name or JobKeys.Seed)] };

    private object Data() =>
        Required(JobKeys.Data) is { } section
            ? _binder.Bind(vocabulary.DataOptions, section, JobKeys.Data)
            : new object();

    private T Section<T>(string key)
        where T : new()
    {
        var before = errors.Count;
        var bound = MappingAt(key) is { } section ? (T)_binder.Bind(typeof(T), section, key) : new T();
        if (errors.Count != before)
        {
            _spoilt.Add(key);
        }

        return bound;
    }

    private JobComponent Component(string key, IReadOnlyList<string> known, Lookup lookup)
    {
        var nothing = new JobComponent("", new object());
        if (Required(key) is not { } section)
        {
            return nothing;
        }

        var chosen = section.Find(JobKeys.ComponentName)?.Value;
        if (chosen is not ScalarNode { IsNull: false } name)
        {
            var place = chosen?.Place ?? section.Place;
            errors.Add(new JobError(place, $"{key}.name is missing; {Choices(known)}"));
            return nothing;
        }

        if (!lookup(name.Text, out var options) || options is null)
        {
            errors.Add(new JobError(name.Place, $"there is no {key} {Show.Word(name.Text)}; {Cure(name.Text, known)}"));
            return nothing;
        }

        return new JobComponent(name.Text, _binder.Bind(options, section.Without(JobKeys.ComponentName), key));
    }

    private MappingNode? Required(string key)
    {
        if (root.Find(key) is null)
        {
            errors.Add(new JobError(root.Place, $"{key} is missing; write the section {key}:"));
        }

        return MappingAt(key);
    }

    private MappingNode? MappingAt(string key)
    {
        switch (root.Find(key)?.Value)
        {
            case null:
                return null;
            case MappingNode mapping:
                return mapping;
            case ScalarNode { IsNull: true } empty:
                return new MappingNode(empty.Place, []);
            case var other:
                errors.Add(new JobError(other.Place, $"{key} is not a section; write its keys below it, indented"));
                return null;
        }
    }

    private static string Choices(IReadOnlyList<string> known) => known.Count == 0
        ? "write a name"
        : $"write one of {Show.Words(known.Order(StringComparer.Ordinal))}";

    private static string Cure(string written, IReadOnlyList<string> known)
    {
        var cure = Suggestion.Cure(written, known);
        return cure.StartsWith("did", StringComparison.Ordinal) ? $"{cure} {Choices(known)}" : cure;
    }

    private void CheckAcross(Job job)
    {
        Require(job.Batch.LogicalRanks <= job.Batch.Size, JobKeys.Batch, "logical_ranks",
            $"is {job.Batch.LogicalRanks}, more than batch.size {job.Batch.Size}; "
            + "give every logical rank at least one sample");
        if (!_spoilt.Contains(JobKeys.Batch))
        {
            Require(job.Workers.Count <= job.Batch.LogicalRanks, JobKeys.Workers, "count",
                $"is {job.Workers.Count}, more than batch.logical_ranks {job.Batch.LogicalRanks}; "
                + "the others would have nothing to do");
        }

        Require(job.Workers.Minimum <= job.Workers.Count, JobKeys.Workers, "minimum",
            $"is {job.Workers.Minimum}, more than workers.count {job.Workers.Count}; the job would never start");
        CheckFloatSum(job);
        Require(job.Workers.LostMs >= 2L * job.Workers.HeartbeatMs, JobKeys.Workers, "lost_ms",
            $"is {job.Workers.LostMs}, less than twice workers.heartbeat_ms {job.Workers.HeartbeatMs}; "
            + "one late heartbeat would lose a worker");
    }

    /// <summary>Float sums depend on their order, so they are for one worker; they never travel.</summary>
    private void CheckFloatSum(Job job)
    {
        if (job.Collective.Sum != GradientSum.Float32)
        {
            return;
        }

        if (!_spoilt.Contains(JobKeys.Workers))
        {
            Require(job.Workers.Count == 1, JobKeys.Collective, "sum",
                $"is float32, which is for one worker, and workers.count is {job.Workers.Count}; "
                + "write integer, or workers.count 1");
        }

        Require(job.Collective.Width == new CollectiveSection().Width, JobKeys.Collective, "width",
            $"is {job.Collective.Width}, which float32 sums have no use for; leave it out, or write sum integer");
    }

    private void Require(bool holds, string section, string key, string message)
    {
        if (!holds && !_spoilt.Contains(section))
        {
            var mapping = root.Find(section)?.Value;
            var place = (mapping as MappingNode)?.Find(key)?.Value.Place ?? mapping?.Place ?? root.Place;
            errors.Add(new JobError(place, $"{section}.{key} {message}"));
        }
    }

    /// <summary>The two keys of a job file that are no sections.</summary>
    private sealed record JobHeading
    {
        [Required]
        [MaxLength(63)]
        [RegularExpression("[a-z0-9]([a-z0-9-]*[a-z0-9])?", MatchTimeoutInMilliseconds = 1000,
            ErrorMessage = "not a job name; write small letters, digits and dashes, such as flickr8k-tern")]
        public string Job { get; init; } = "";

        public ulong Seed { get; init; } = Jobs.Job.DefaultSeed;
    }
}
