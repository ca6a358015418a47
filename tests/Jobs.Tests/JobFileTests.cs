namespace Colony.Jobs.Tests;

public sealed class JobFileTests
{
    private const string Smallest = "job: tiny\ndata: {format: world}\nmodel: {name: tern}\nobjective: {name: hinge}\n";

    [Fact]
    public void The_smallest_job_has_all_defaults()
    {
        var job = Parse(Smallest).OrThrow();

        Assert.Equal("tiny", job.Name);
        Assert.Equal(Job.DefaultSeed, job.Seed);
        Assert.Equal(new BatchSection(), job.Batch);
        Assert.Equal(new TrainSection(), job.Train);
        Assert.Equal(new WorkersSection(), job.Workers);
        Assert.Equal("world", Assert.IsType<WorldOptions>(job.Data).Format);
        Assert.Equal(new TernLike(), job.Model.Options);
        Assert.Equal(("hinge", new HingeLike()), (job.Objective.Name, job.Objective.Options));
    }

    [Theory]
    [InlineData("{split: dev, final_split: test, final_protocol: coco_1k_folds}", "all", "coco_1k_folds")]
    [InlineData("{split: dev, final_split: test, protocol: coco_1k_folds}", "coco_1k_folds", "coco_1k_folds")]
    [InlineData("{split: dev, final_split: test}", "all", "all")]
    public void The_final_split_has_a_protocol_of_its_own_where_the_job_says_so(
        string section, string dev, string final)
    {
        var evaluate = Parse($"{Smallest}evaluate: {section}\n").OrThrow().Evaluate;
        Assert.Equal((dev, final, dev), (
            evaluate.ProtocolOf("dev"), evaluate.ProtocolOf("test"), evaluate.ProtocolOf("other")));
        var errors = Parse($"{Smallest}evaluate: {{protocol: coco5k}}\n").Errors;
        Assert.Contains("write one of", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_job_is_read()
    {
        var job = Parse("""
            job: flickr8k-tern            # a comment
            seed: 18446744073709551615
            data:
              format: "7"
              path: /data/flickr8k
              sizes: [3, 4]
              names: [a, "b c"]
              shards:
                - {name: one, weight: 0.25}
                - name: two
            batch: {size: 64, logical_ranks: 4}
            model:
              name: tern
              hidden_size: 128
              reduction: mean_of_all
              places: concat
              shared: false
              image: {dropout: 0.2}
              text: {heads: 2}
              limit: 5_000000000
            objective: {name: hinge, margin: 5e-2}
            train: {epochs: 3, max_steps: 9, learning_rate: 4e-4, not_finite: stop, device: "cuda:1"}
            collective: {width: 16, sum: integer}
            checkpoint: {store: s3://bucket/prefix, every_steps: 0}
            evaluate: {final_split: test, index: hnsw}
            workers: {count: 3, minimum: 2}
            listen: {coordinator_port: 7000}
            """.Replace("5_0", "50", StringComparison.Ordinal)).OrThrow();

        Assert.Equal(ulong.MaxValue, job.Seed);
        var data = Assert.IsType<WorldOptions>(job.Data);
        Assert.Equal(("7", "/data/flickr8k"), (data.Format, data.Path));
        Assert.Equal([3, 4], data.Sizes);
        Assert.Equal(["a", "b c"], data.Names);
        Assert.Equal([new Shard { Name = "one", Weight = 0.25f }, new Shard { Name = "two" }], data.Shards);
        Assert.Equal(
            new TernLike
            {
                HiddenSize = 128, Reduction = Reduction.MeanOfAll, Places = "concat", Shared = false,
                Image = new Layer { Heads = 8, Dropout = 0.2 }, Text = new Layer { Heads = 2 }, Limit = 50_000_000_00,
            },
            job.Model.Options);
        Assert.Equal(new HingeLike { Margin = 0.05 }, job.Objective.Options);
        Assert.Equal((3, 9L, 4e-4), (job.Train.Epochs, job.Train.MaxSteps, job.Train.LearningRate));
        Assert.Equal((NotFinitePolicy.Stop, "cuda:1"), (job.Train.NotFinite, job.Train.Device));
        Assert.Equal((16, GradientSum.Integer), (job.Collective.Width, job.Collective.Sum));
        Assert.Equal(("s3://bucket/prefix", 0), (job.Checkpoint.Store, job.Checkpoint.EverySteps));
        Assert.Equal(("test", IndexKind.Hnsw), (job.Evaluate.FinalSplit, job.Evaluate.Index));
        Assert.Equal((3, 2, 7000), (job.Workers.Count, job.Workers.Minimum, job.Listen.CoordinatorPort));
    }

    [Fact]
    public void Overrides_replace_add_and_clear_in_order()
    {
        var job = Parse(
            Smallest + "train: {max_steps: 5}\n",
            "train.learning_rate=1e-4", "train.learning_rate=1e-5", "train.max_steps=", "data.sizes=[5, 6]",
            "model.text.heads=2", "model.name=tern", "seed=9", "checkpoint.store=s3://a/b=c").OrThrow();

        Assert.Equal((1e-5, null), (job.Train.LearningRate, job.Train.MaxSteps));
        Assert.Equal([5, 6], ((WorldOptions)job.Data).Sizes);
        Assert.Equal(2, ((TernLike)job.Model.Options).Text?.Heads);
        Assert.Equal(9UL, job.Seed);
        Assert.Equal("s3://a/b=c", job.Checkpoint.Store);
    }

    [Theory]
    [InlineData("train.epochs", "not path=value")]
    [InlineData("=3", "not path=value")]
    [InlineData("train..epochs=3", "not path=value")]
    [InlineData("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=3", "deeper than any section")]
    public void A_malformed_override_is_refused_with_a_sentence(string text, string expected)
    {
        var error = Assert.Throws<JobException>(() => Override.Parse(text));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("--set " + text, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_can_be_thrown_all_at_once()
    {
        var error = Assert.Throws<JobException>(() => Parse(Smallest + "seeds: 2\nbatches: 3\n").OrThrow());
        Assert.Equal(2, error.Message.Split('\n').Length);
    }

    [Fact]
    public void A_host_without_models_keeps_their_sections_unread()
    {
        var job = JobFile.Parse(
            "job: tiny\ndata: {anything: [1, {a: b}]}\nmodel: {name: new-one, x: 1}\nobjective: {name: any}\n",
            "job.yaml", [], OpaqueVocabulary.Instance).OrThrow();

        Assert.Equal("new-one", job.Model.Name);
        Assert.Contains("anything: [1, {a: b}]", job.ToYaml(), StringComparison.Ordinal);
    }

    private static JobParse Parse(string text, params string[] sets) =>
        JobFile.Parse(text, "job.yaml", [.. sets.Select(Override.Parse)], TestVocabulary.Instance);
}
