using Colony.Storage;
using Colony.Testing;

namespace Colony.Integration.Tests;

/// <summary>A BERT inside a model from a job file, and weights that come from others and go to others.</summary>
public sealed class ForeignWeightsTests(SmallWorld world)
{
    private const string InnerBert = "img_txt_enc.txt_enc.bert_model.";
    private const string Prototypes = "region_loss.v_prototypes.weight";
    private const string SmallTern = "embed_size: 16, heads: 2, feedforward: 16, image_layers: 1, word_dim: 8";

    /// <summary>Of TERN, what the published state has and a job with default options does without.</summary>
    private static readonly string[] TernRest =
    [
        "img_txt_enc.img_enc.fc.bias", "img_txt_enc.img_enc.fc.weight", $"{InnerBert}pooler.dense.bias",
        $"{InnerBert}pooler.dense.weight", "img_txt_enc.txt_enc.map.bias", "img_txt_enc.txt_enc.map.weight",
        "img_txt_enc.txt_enc.word_embeddings.weight",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Weights_go_out_and_come_back_and_a_bert_moves_into_another_model()
    {
        string tern = Job("tern", "hinge", SmallTern);
        string run = world.Fresh();
        await Good("train", tern, "--out", run, "--workers", "2", "--no-evaluator");
        string whole = world.Fresh() + ".safetensors", bert = world.Fresh() + ".safetensors";
        await Good("checkpoint", "export", run, "--out", whole);
        await Good("checkpoint", "export", run, "--out", bert, "--only", InnerBert);
        string listed = await Peer("read", whole);
        Assert.Contains("img_txt_enc.img_proj.weight [16, ", listed, StringComparison.Ordinal);
        Assert.Contains("embeddings.word_embeddings.weight", await Peer("read", bert), StringComparison.Ordinal);

        // Out as safetensors, by way of torch.save's container, and back: the same bytes, but for what nothing reads.
        string pickled = world.Fresh() + ".pth", back = world.Fresh() + ".safetensors";
        await Peer("convert", pickled, whole);
        Ended imported = await Good("checkpoint", "import", tern, pickled, "--out", back);
        Assert.All(
            TernRest, name => Assert.Contains($"left out 'model.{name}'", imported.Out, StringComparison.Ordinal));
        Assert.Equal(TernRest, Differences(whole, back));
        string again = world.Fresh() + ".safetensors";
        await Good("checkpoint", "export", run, "--out", again);
        Assert.Equal(await File.ReadAllBytesAsync(whole, Ct), await File.ReadAllBytesAsync(again, Ct));
        Assert.Equal(
            await Sha(tern, "--set", $"train.initial_weights={whole}"),
            await Sha(tern, "--set", $"train.initial_weights={back}"));

        string hrem = Job(
            "hrem", "hrem", "embed_size: 16, heads: 2, bert_dim: 8", "embed_size: 16, heads: 2, warmup: 0");
        string initial = world.Fresh() + ".safetensors";
        Ended import = await Good("checkpoint", "import", hrem, bert, "--out", initial);
        Assert.Contains("the rest begins at random", import.Out, StringComparison.Ordinal);
        string set = $"train.initial_weights={initial}";
        string one = await Sha(hrem, "--workers", "1", "--set", set);
        Assert.Equal(one, await Sha(hrem, "--workers", "2", "--set", set));
        Assert.NotEqual(one, await Sha(hrem, "--workers", "1"));

        Refusal.IsOneLine(
            await ColonyProcess.RunAsync(
                "train", tern, "--out", world.Fresh(), "--no-evaluator", "--set", set, "--workers", "1"),
            "train.initial_weights", "surplus");
    }

    [Fact]
    public async Task Camera_trains_with_a_bert_inside()
    {
        string camera = Job(
            "camera", "hinge",
            "embed_size: 16, heads: 2, views: 3, bert_dim: 8, caption_length: 32, freeze_bert: false",
            "measure: views");
        Assert.Equal(64, (await Sha(camera, "--workers", "1")).Length);
    }

    [Fact]
    public async Task Weights_that_do_not_fit_are_told_of_whole()
    {
        string tern = Job("tern", "hinge", SmallTern);
        string foreign = world.Fresh() + ".pth";
        await Peer("write", foreign, "2");
        Ended ended = await ColonyProcess.RunAsync("checkpoint", "import", tern, foreign, "--out", world.Fresh());
        Assert.Equal(2, ended.Code);
        Assert.Contains(ended.ErrorLines, l => l.Contains("'model.0.fc.weight' is surplus", StringComparison.Ordinal));
        Assert.Contains(ended.ErrorLines, l => l.Contains("'model.1.half' is surplus", StringComparison.Ordinal));
        Assert.Contains(
            ended.ErrorLines, l => l.Contains($"'{InnerBert}embeddings.LayerNorm.bias' [8] is missing",
                StringComparison.Ordinal));

        // What Python would run on loading is refused by name, in a whole container too.
        string call = world.Fresh() + ".pth", trace = world.Fresh(), output = world.Fresh();
        await Peer("hostile", call, trace);
        Refusal.IsOneLine(
            await ColonyProcess.RunAsync("checkpoint", "import", tern, call, "--out", output), call, ".system'");
        Assert.False(File.Exists(trace));
        Assert.False(File.Exists(output));

        string hostile = world.Fresh() + ".bin";
        await File.WriteAllBytesAsync(hostile, [0x80, 2, .. "cos\nsystem\n."u8], Ct);
        Refusal.IsOneLine(
            await ColonyProcess.RunAsync("checkpoint", "import", tern, hostile, "--out", world.Fresh()),
            hostile, "before 1.6");
        Refusal.IsOneLine(
            await ColonyProcess.RunAsync("checkpoint", "import", tern, "none.bin", "--out", world.Fresh()), "none.bin");
    }

    [Fact]
    public async Task A_wrong_shape_is_told_of_with_both_shapes()
    {
        string tern = Job("tern", "hinge", SmallTern);
        string run = world.Fresh(), whole = world.Fresh() + ".safetensors", foreign = world.Fresh() + ".pth";
        await Good("train", tern, "--out", run, "--workers", "1", "--no-evaluator");
        await Good("checkpoint", "export", run, "--out", whole);
        await Peer("convert", foreign, whole);
        string output = world.Fresh();
        Refusal.IsOneLine(
            await ColonyProcess.RunAsync(
                "checkpoint", "import", tern, foreign, "--out", output, "--set", "model.bert_max_positions=24"),
            foreign,
            $"'model.{InnerBert}embeddings.position_embeddings.weight' is [32, 8] and should be [24, 8]");
        Assert.False(File.Exists(output));
    }

    /// <summary>SelfAlign saves three states, the last of which is the objective's.</summary>
    [Fact]
    public async Task Prototypes_go_out_as_the_third_state_and_come_back_into_the_objective()
    {
        const string Selfalign = "embed_size: 8, prototypes: 5, negatives: 9, measure: views";
        const string Camera = "embed_size: 8, heads: 2, views: 3, bert_dim: 8, caption_length: 32, freeze_bert: false";
        string job = Job("selfalign_camera", "selfalign", Camera, Selfalign);
        string run = world.Fresh(), whole = world.Fresh() + ".safetensors", back = world.Fresh() + ".safetensors";
        await Good("train", job, "--out", run, "--workers", "1", "--no-evaluator");
        Ended export = await Good("checkpoint", "export", run, "--out", whole);
        Assert.Contains("2 of them are of layers", export.Out, StringComparison.Ordinal);
        string[] parts = ["img_enc.", "txt_enc.", "region_loss."];
        string[] files = [.. parts.Select(_ => world.Fresh() + ".safetensors")];
        for (int i = 0; i < parts.Length; i++)
        {
            await Good("checkpoint", "export", run, "--out", files[i], "--only", parts[i]);
        }

        Assert.StartsWith("v_prototypes.weight [5, 8] ", await Peer("read", files[2]), StringComparison.Ordinal);
        string three = world.Fresh() + ".pth", two = world.Fresh() + ".pth", without = world.Fresh() + ".safetensors";
        await Peer(["convert", three, .. files]);
        await Good("checkpoint", "import", job, three, "--out", back);
        string[] rest = ["txt_enc.bert.pooler.dense.bias", "txt_enc.bert.pooler.dense.weight"];
        Assert.Equal(rest, Differences(whole, back));
        await Peer(["convert", two, .. files[..2]]);
        Ended partly = await Good("checkpoint", "import", job, two, "--out", without);
        Assert.Contains("the rest begins at random", partly.Out, StringComparison.Ordinal);
        Assert.Equal([Prototypes, .. rest], Differences(whole, without));

        string trained = await Sha(job, "--set", $"train.initial_weights={back}");
        Assert.Equal(trained, await Sha(job, "--set", $"train.initial_weights={whole}"));
        Assert.NotEqual(trained, await Sha(job, "--set", $"train.initial_weights={without}"));

        // Another objective has no use for them.
        string plain = Job("selfalign_camera", "hinge", Camera, "measure: views");
        Ended other = await Good("checkpoint", "import", plain, three, "--out", world.Fresh());
        Assert.Contains("'model.2.v_prototypes.weight': another objective's own", other.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.text=words", "data.text is words")]
    [InlineData("model.bert_max_positions=6", "data.max_words: 4 cuts longer captions")]
    [InlineData("data.word_pieces=none.txt", "none.txt: there is no such file")]
    [InlineData("train.initial_weights=none.safetensors", "none.safetensors")]
    public async Task Text_that_does_not_go_with_the_bert(string set, string says)
    {
        string tern = Job("tern", "hinge", SmallTern);
        Refusal.IsOneLine(await ColonyProcess.RunAsync("train", tern, "--check", "--set", set), says);
    }

    /// <summary>Names that one of two files alone has; what both have is the same in both.</summary>
    private static string[] Differences(string larger, string smaller)
    {
        using SafetensorsReader all = SafetensorsReader.Open(larger), some = SafetensorsReader.Open(smaller);
        foreach (SafetensorsEntry entry in some.Header.Entries)
        {
            Assert.True(all.Bytes(entry.Name).Span.SequenceEqual(some.Bytes(entry.Name).Span), entry.Name);
        }

        return
        [
            .. all.Header.Entries.Select(entry => entry.Name).Where(name => !some.Header.TryGet(name, out _))
                .Order(StringComparer.Ordinal),
        ];
    }

    private async Task<string> Sha(string job, params string[] more)
    {
        string run = world.Fresh();
        await Good(["train", job, "--out", run, "--no-evaluator", .. more]);
        return new RunFiles(run).Sha;
    }

    private static async Task<Ended> Good(params string[] arguments)
    {
        Ended ended = await ColonyProcess.RunAsync(arguments);
        Assert.True(ended.Code == 0, $"{string.Join(' ', arguments)}\n{ended.Error}\n{ended.Out}");
        return ended;
    }

    private static async Task<string> Peer(params string[] arguments)
    {
        string python = Tools.Find("python3", "install python3.");
        string script = Path.Combine(AppContext.BaseDirectory, "torch_peer.py");
        (int code, string output) = await ServerProcess.RunAsync(
            python, [script, .. arguments], null, TimeSpan.FromSeconds(60), Ct);
        Assert.True(code == 0, output);
        return output;
    }

    /// <summary>Three steps of a model with a small BERT, whose pieces are the words of the world.</summary>
    private string Job(string model, string objective, string options, string rest = "margin: 0.2")
    {
        string[] words = [.. File.ReadLines(Path.Combine(world.World, "train_caps.txt"))
            .SelectMany(line => line.ToLowerInvariant().Split(' ', '.', ',', '-'))
            .Where(word => word.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        File.WriteAllLines(
            Path.Combine(world.World, "vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", .. words]);
        string path = world.Fresh() + ".yaml";
        File.WriteAllText(
            path,
            $$"""
            job: small
            seed: 11
            data: {path: {{world.World}}, boxes: boxes, text: bert, word_pieces: vocab.txt, max_words: 30}
            batch: {size: 32, logical_ranks: 4}
            model: {name: {{model}}, text: bert, {{options}}, bert_layers: 1, bert_heads: 2, bert_intermediate: 16,
                    bert_max_positions: 32}
            objective: {name: {{objective}}, {{rest}}}
            train: {epochs: 1, max_steps: 3, learning_rate: 1.0e-3}
            checkpoint: {every_steps: 3, keep_last: 1}
            workers: {count: 1, lost_ms: 4000}
            """);
        return path;
    }
}
