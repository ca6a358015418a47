using System.Globalization;
using System.Text;
using Colony.Model;

namespace Colony.Integration.Tests;

/// <summary>
/// Every model that jobs can name, small, in processes: the same weights for any number of workers, one of them killed
/// amid a step, or stopped and resumed; evaluated, and asked in words.
/// </summary>
public sealed class ModelRunTests(SmallWorld world)
{
    private const int Steps = 8;
    private const int KilledAt = 4; // or stopped there
    private const int WordDim = 6;

    private const string Words = "text: words, min_word_count: 1";
    private const string Vectors = "text: vectors, vectors: vectors.npy, vector_words: words.txt, max_words: 31";
    private const string Pieces = "text: bert, word_pieces: pieces.txt";
    private const string SmallBert =
        "bert_dim: 8, bert_layers: 1, bert_heads: 2, bert_intermediate: 8, bert_max_positions: 64";

    private const string SmallViews = "text: features, embed_size: 8, heads: 2, views: 3";
    private const string SmallCaptioner =
        "embed_size: 8, word_dim: 4, caption_hidden: 4, caption_word_dim: 3, caption_length: 32";

    private static readonly Dictionary<string, Recipe> Recipes = new(StringComparer.Ordinal)
    {
        ["tern"] = new(
            $"boxes: boxes, {Vectors}",
            "text: features, embed_size: 8, heads: 2, feedforward: 8, image_layers: 1, text_layers: 1, "
                + "joint_layers: 1, text_relative: true, image_relative: index, dropout: 0.1",
            "name: hinge"),
        ["kaylode_tern"] = new(
            $"boxes: boxes, {Vectors}",
            $"embed_size: 8, model_dim: {WordDim}, feedforward: 8, heads: 2, image_layers: 1",
            "name: contrastive"),
        ["vse"] = new(Words, "embed_size: 8, word_dim: 4", "name: hinge"),
        ["vsrn"] = new(Words, $"variant: coco, {SmallCaptioner}", "name: hinge, max_violation: true"),
        ["camera"] = new($"boxes: boxes, {Vectors}", SmallViews, "name: hinge, measure: views"),
        ["selfalign_vsrn"] = new(
            Words, SmallCaptioner, "name: selfalign, embed_size: 8, prototypes: 5, negatives: 9"),
        ["selfalign_camera"] = new(
            $"boxes: boxes, {Vectors}",
            SmallViews,
            "name: selfalign, embed_size: 8, prototypes: 5, negatives: 9, measure: views"),
        ["vse_infinity"] = new(
            Pieces, $"embed_size: 8, pool_position_dim: 4, pool_hidden: 3, {SmallBert}", "name: hinge"),
        ["hrem"] = new(
            Pieces,
            $"embed_size: 8, heads: 2, {SmallBert}",
            "name: hrem, embed_size: 8, heads: 2, warmup: 1, relation_size: 3, farthest_negative: 2"),
    };

    public static TheoryData<string> Names => [.. ModelRegistry.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Any_number_of_workers_and_a_kill_end_with_the_same_weights(string model)
    {
        string job = await JobAsync(model);
        RunFiles alone = await TrainAsync(job, "1");
        RunFiles two = await StopAndResumeAsync(job, "2");

        // All three are waited for: the one that dies could come too late for its step.
        await using var crew = new Crew([job, "--set", "workers.count=3"], world.Fresh());
        crew.Add("a");
        crew.Add("b", Armed.With(FormattableString.Invariant($"kill@backward:step={KilledAt}")));
        crew.Add("c");
        Armed.Fell(await crew.Take("b").EndAsync(), "backward", KilledAt);
        await crew.EndAsync();

        Assert.Equal(alone.Sha, two.Sha);
        Assert.Equal(alone.Sha, crew.Run.Sha);
        Assert.Equal(
            alone.Report().GetProperty("recall").GetRawText(), two.Report().GetProperty("recall").GetRawText());
        Ended asked = await ColonyProcess.RunAsync("query", "--run", two.Folder, "a red ball left of a dog");
        Assert.True(asked.Code == 0, asked.Error);
        Assert.Contains("test-0000", asked.Out, StringComparison.Ordinal);
    }

    private async Task<RunFiles> TrainAsync(string job, string workers)
    {
        var run = new RunFiles(world.Fresh());
        Ended ended = await ColonyProcess.RunAsync("train", job, "--out", run.Folder, "--workers", workers);
        Assert.True(ended.Code == 0, ended.Error + ended.Out);
        Assert.Equal(Steps, run.Report().GetProperty("steps").GetInt32());
        return run;
    }

    // The checkpoint holds what a model has beside parameters: buffers, and what its objective learns.
    private async Task<RunFiles> StopAndResumeAsync(string job, string workers)
    {
        var run = new RunFiles(world.Fresh());
        await using (ColonyProcess train = ColonyProcess.Start(
            ["train", job, "--out", run.Folder, "--workers", workers], Armed.Pacing(KilledAt, Steps, 500)))
        {
            await run.StepAsync(KilledAt - 1, train);
            Signals.Send(train.Id, Signals.Interrupt);
            Ended drained = await train.EndAsync();
            Assert.True(drained.Code == 0, drained.Error + drained.Out);
        }

        Assert.InRange(run.Report().GetProperty("steps").GetInt32(), KilledAt - 1, Steps - 1);
        Ended resumed = await ColonyProcess.RunAsync(
            "train", job, "--out", run.Folder, "--resume", "--workers", workers);
        Assert.True(resumed.Code == 0, resumed.Error + resumed.Out);
        Assert.Equal(Steps, run.Report().GetProperty("steps").GetInt32());
        return run;
    }

    private async Task<string> JobAsync(string model)
    {
        Recipe recipe = Recipes[model];
        string data = world.CopyOfWorld();
        string[] words = [.. File.ReadAllText(Path.Combine(data, "train_caps.txt"))
            .Split([' ', '\n', ',', '.'], StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];
        await File.WriteAllLinesAsync(Path.Combine(data, "words.txt"), words, TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(
            Path.Combine(data, "pieces.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ",", ".", .. words],
            TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(
            Path.Combine(data, "vectors.npy"), Table(words.Length), TestContext.Current.CancellationToken);
        string path = world.Fresh() + ".yaml";
        await File.WriteAllTextAsync(
            path,
            $$"""
            job: {{model.Replace('_', '-')}}
            seed: 3
            data: {path: {{data}}, {{recipe.Data}}}
            batch: {size: 24, logical_ranks: 3}
            model: {name: {{model}}, {{recipe.Model}}}
            objective: {{{recipe.Objective}}}
            train: {epochs: 2, max_steps: {{Steps}}, learning_rate: 1.0e-3, clip_norm: 2.0}
            checkpoint: {every_steps: 6, keep_last: 2}
            evaluate: {every_steps: 6, split: dev, final_split: test}
            workers: {count: 2, lost_ms: 4000}
            """,
            TestContext.Current.CancellationToken);
        return path;
    }

    // Vectors in the form of a .npy file, version 1.0.
    private static byte[] Table(int words)
    {
        string header = string.Create(
            CultureInfo.InvariantCulture,
            $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({words}, {WordDim}), }}");
        header = header.PadRight(128 - 10 - 1) + "\n";
        var random = new Random(words);
        return
        [
            0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header),
            .. Enumerable.Range(0, words * WordDim).SelectMany(_ => BitConverter.GetBytes(random.NextSingle() - 0.5f)),
        ];
    }

    /// <summary>What a small run of a model needs beside what all have.</summary>
    private sealed record Recipe(string Data, string Model, string Objective);
}
