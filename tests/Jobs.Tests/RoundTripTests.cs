using FsCheck;
using FsCheck.Fluent;

namespace Colony.Jobs.Tests;

public sealed class RoundTripTests
{
    [Fact]
    public void Any_job_written_and_read_again_is_the_same_job()
    {
        Prop.ForAll(Jobs().ToArbitrary(), job =>
        {
            var yaml = job.ToYaml();
            var again = JobFile.Parse(yaml, "job.yaml", [], TestVocabulary.Instance).OrThrow();
            Assert.Equal(job.Train, again.Train);
            Assert.Equal(job.Workers, again.Workers);
            Assert.Equal(job.Evaluate, again.Evaluate);
            Assert.Equal(job.Model, again.Model);
            Assert.Equal(job.Objective, again.Objective);
            Assert.Equal(yaml, again.ToYaml());
            Assert.Equal(job.Hash(), again.Hash());
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Whoever_knows_no_models_computes_the_same_hash_from_the_resolved_file()
    {
        Prop.ForAll(Jobs().ToArbitrary(), job =>
        {
            var opaque = JobFile.Parse(job.ToYaml(), "job.yaml", [], OpaqueVocabulary.Instance).OrThrow();
            Assert.Equal(job.ToYaml(), opaque.ToYaml());
            Assert.Equal(job.Hash(), opaque.Hash());
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_hash_covers_what_determines_the_weights_and_nothing_else()
    {
        var job = Smallest();
        var hash = job.Hash();

        Assert.Matches("^[0-9a-f]{64}$", hash);
        Assert.Equal(hash, (job with { Workers = new() { Count = 5 } }).Hash());
        Assert.Equal(hash, (job with { Listen = new() { Host = "localhost" } }).Hash());
        Assert.Equal(hash, (job with { Evaluate = new() { Split = "test" } }).Hash());
        Assert.Equal(hash, (job with { Checkpoint = new() { KeepLast = 9 } }).Hash());
        Assert.Equal(hash, (job with { Train = new() { Recompute = true } }).Hash());
        Assert.Equal(hash, (job with { Train = new() { DigestEvery = 50 } }).Hash());
        Assert.Contains("recompute: true", (job with { Train = new() { Recompute = true } }).ToYaml(), Exactly);

        Assert.Equal(hash, (job with { Data = new WorldOptions { Format = "world", Root = "/elsewhere" } }).Hash());
        Job cached = job with { Data = new WorldOptions { Format = "world", Cache = "/scratch" } };
        Assert.Equal(hash, cached.Hash());
        Assert.Contains("cache: /scratch", cached.ToYaml(), Exactly);

        Job[] others =
        [
            job with { Seed = 2 },
            job with { Batch = new() { Size = 64 } },
            job with { Batch = new() { LogicalRanks = 4 } },
            job with { Train = new() { Threads = 2 } },
            job with { Train = new() { LearningRate = Math.BitIncrement(2e-4) } },
            job with { Collective = new() { Width = 8 } },
            job with { Collective = new() { Sum = GradientSum.Float32 } },
            job with { Data = new WorldOptions { Format = "other" } },
            job with { Model = job.Model with { Options = new TernLike { Shared = false } } },
            job with { Objective = job.Objective with { Options = new HingeLike { Margin = 0.3 } } },
        ];
        Assert.Equal(others.Length + 1, others.Select(o => o.Hash()).Append(hash).Distinct().Count());
    }

    [Fact]
    public void Defaults_written_out_do_not_change_the_hash()
    {
        var written = JobFile.Parse(
            "job: tiny\nseed: 1\ndata: {format: 'world'}\nmodel: {shared: true, name: tern}\n"
            + "objective: {name: hinge, margin: 20e-2}\n"
            + "train: {learning_rate: 0.0002}\n", "other.yaml", [], TestVocabulary.Instance).OrThrow();
        Assert.Equal(Smallest().Hash(), written.Hash());
    }

    /// <summary>Keys that came after jobs had been run: silent, and without a trace in the hash, at their
    /// defaults.</summary>
    [Fact]
    public void Later_keys_leave_the_hash_of_earlier_jobs_alone()
    {
        var job = Smallest();
        var yaml = job.ToYaml();
        var train = yaml[yaml.IndexOf("train:", Exactly)..yaml.IndexOf("collective:", Exactly)];
        Assert.Equal(
            """
            train:
              epochs: 5
              max_steps: null
              optimizer: adam
              learning_rate: 0.0002
              weight_decay: 0
              beta1: 0.9
              beta2: 0.999
              epsilon: 1E-08
              clip_norm: 2
              warmup_steps: 0
              decay_every_epochs: 0
              decay_factor: 0.1
              threads: 1
              device: cpu
              not_finite: skip
              recompute: false
              digest_every: 1

            """, train);
        TrainSection[] others =
        [
            new() { Optimizer = OptimizerKind.Sgd },
            new() { Optimizer = OptimizerKind.Sgd, Momentum = 0.9 },
            new() { Optimizer = OptimizerKind.Sgd, Momentum = 0.9, Nesterov = true },
            new() { Optimizer = OptimizerKind.Adamw },
            new() { Decay = DecayKind.CosineRestarts },
            new() { DecaySteps = 5 },
            new() { Warmup = WarmupKind.Linear },
            new() { Milestones = [1], Decay = DecayKind.Milestones },
            new() { Milestones = [2], Decay = DecayKind.Milestones },
            new() { Decay = DecayKind.Plateau },
            new() { Decay = DecayKind.Plateau, Patience = 3 },
            new() { Decay = DecayKind.Plateau, Threshold = 0.01 },
            new() { Groups = [new() { Match = "a" }] },
            new() { Groups = [new() { Match = "a", Frozen = true }] },
        ];
        var hashes = others.Select(other => (job with { Train = other }).Hash()).Append(job.Hash()).ToArray();
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
        Assert.All(others, other =>
        {
            var written = job with { Train = other };
            var again = JobFile.Parse(written.ToYaml(), "job.yaml", [], TestVocabulary.Instance).OrThrow();
            Assert.Equal(written.ToYaml(), again.ToYaml());
            Assert.Equal(other.Groups, again.Train.Groups);
        });
    }

    private const StringComparison Exactly = StringComparison.Ordinal;

    private static Job Smallest() => new()
    {
        Name = "tiny",
        Data = new WorldOptions { Format = "world" },
        Model = new JobComponent("tern", new TernLike()),
        Objective = new JobComponent("hinge", new HingeLike()),
    };

    private static Gen<Job> Jobs() =>
        from seed in ArbMap.Default.GeneratorFor<ulong>()
        from text in Text()
        from path in Text()
        from sizes in Gen.Choose(1, 1000).ListOf()
        from weights in ArbMap.Default.GeneratorFor<float>().Where(float.IsFinite).ListOf()
        from rate in Positive(100)
        from margin in Positive(1)
        from ranks in Gen.Choose(1, 16)
        from limit in ArbMap.Default.GeneratorFor<long?>()
        from shared in ArbMap.Default.GeneratorFor<bool>()
        from policy in Gen.Elements(Enum.GetValues<NotFinitePolicy>())
        from index in Gen.Elements(Enum.GetValues<IndexKind>())
        select Smallest() with
        {
            Seed = seed,
            Data = new WorldOptions
            {
                Format = "x" + text,
                Path = path.Length == 0 ? null : path,
                Sizes = [.. sizes],
                Shards = [.. weights.Select(w => new Shard { Name = text, Weight = w })],
                Names = [text, "null", "1e3", "yes", " ", "# no comment", "a: b", "\U0001F600", "line\nline\u2028"],
            },
            Batch = new BatchSection { Size = 32, LogicalRanks = ranks },
            Model = new JobComponent("tern",
                new TernLike { Limit = limit, Shared = shared, Text = shared ? new Layer() : null }),
            Objective = new JobComponent("hinge", new HingeLike { Margin = margin }),
            Train = new TrainSection { LearningRate = rate, NotFinite = policy },
            Evaluate = new EvaluateSection { Index = index },
            Workers = new WorkersSection { Count = ranks },
        };

    /// <summary>Any text that can come out of UTF-8.</summary>
    private static Gen<string> Text() =>
        ArbMap.Default.GeneratorFor<string?>().Select(s => string.Concat((s ?? "").EnumerateRunes()));

    private static Gen<double> Positive(double below) =>
        ArbMap.Default.GeneratorFor<double>().Where(d => double.IsFinite(d) && d != 0)
            .Select(d => Math.Abs(d)).Select(d => d < below ? d : below / (1 + d)).Where(d => d > 0);
}
