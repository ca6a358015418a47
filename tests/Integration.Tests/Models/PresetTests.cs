using System.Text.Json;
using Colony.Testing;

namespace Colony.Integration.Tests;

/// <summary>The job files in configs/ as people meet them: listed by <c>colony models</c>, and checked by
/// <c>--check</c> on data in their own layout, at the size that they have.</summary>
public sealed class PresetTests(PublishedLayouts layouts) : IClassFixture<PublishedLayouts>
{
    private const long Pooler = 590_592; // of a BERT; no model reads it
    private const long UnusedBatchNorm = 2 * 1024; // of GPO's second layer, which nothing reads
    private const long Bert = 109_482_240 - Pooler;
    private const long Prototypes = 1024 * 2048; // SelfAlign's objective has them here
    private const int WordsOfF30K = 8_481;

    private static readonly string Configs = Path.Combine(SharedFolder.RepositoryRoot!, "configs");

    /// <summary>Parameters with the vocabulary that the published files have, as models.md gives them.</summary>
    private static readonly Dictionary<string, (int Words, long Parameters)> Published = new(StringComparer.Ordinal)
    {
        ["vsepp-f30k"] = (WordsOfF30K, 10_813_100),
        ["vse0-f30k"] = (3_178, 9_222_200),
        ["vsrn-f30k"] = (WordsOfF30K, 125_601_401),
        ["selfalign-vsrn-f30k"] = (WordsOfF30K, 164_249_211 - Prototypes),
        ["camera-f30k"] = (0, 155_688_460 - Pooler),
        ["selfalign-camera-f30k"] = (0, 73_497_870 - Prototypes + Bert),
        ["vse-infinity-f30k"] = (0, 113_970_752 - Pooler - UnusedBatchNorm),
        ["hrem-f30k"] = (0, 9_977_344 + 116_571_392 - Pooler - UnusedBatchNorm),
        ["tern-bert-coco"] = (0, 195_197_952),
        ["kaylode-tern-f30k"] = (0, 26_393_344),
    };

    public static TheoryData<string> All =>
    [
        .. Directory.GetFiles(Configs, "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => name != "demo").Order(StringComparer.Ordinal),
    ];

    [Fact]
    public async Task Models_lists_every_preset_with_its_size_inputs_and_paper()
    {
        Ended listed = await ColonyProcess.RunAsync("models", "--json");
        Assert.True(listed.Code == 0, listed.Error);
        using JsonDocument document = JsonDocument.Parse(listed.Out);
        JsonElement[] presets = [.. document.RootElement.GetProperty("presets").EnumerateArray()];
        Assert.Equal(All.Select(row => row.Data), presets.Select(p => p.GetProperty("name").GetString()));
        foreach ((string name, (int words, long parameters)) in Published)
        {
            JsonElement preset = presets.Single(p => p.GetProperty("name").ValueEquals(name));
            long each = preset.GetProperty("parameters_each_word").GetInt64();
            Assert.Equal(words > 0, each > 0);
            Assert.Equal((name, parameters), (name, preset.GetProperty("parameters").GetInt64() + (each * words)));
        }

        Assert.All(presets, p => Assert.All(
            new[] { "images", "captions", "paper", "model", "objective" },
            field => Assert.False(string.IsNullOrEmpty(p.GetProperty(field).GetString()))));

        Ended table = await ColonyProcess.RunAsync("models");
        Assert.True(table.Code == 0, table.Error);
        Assert.All(All.Select(row => row.Data), name => Assert.Contains(name, table.Out, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_preset_is_sound_on_data_in_its_layout(string preset)
    {
        string job = Path.Combine(Configs, $"{preset}.yaml");
        string path = File.ReadLines(job).Select(line => line.Split("  path: ")).First(parts => parts.Length == 2)[1];
        Ended check = await ColonyProcess.RunAsync(
            "train", job, "--check", "--set", $"data.path={layouts.For(path)}",
            "--set", "evaluate.protocol=all", "--set", "evaluate.final_protocol=all");
        Assert.True(check.Code == 0, check.Error);
        Assert.Contains("is sound", check.Out, StringComparison.Ordinal);
        bool hasBert = File.ReadAllText(job).Contains("text: bert", StringComparison.Ordinal);
        Assert.Equal(hasBert, check.Error.Contains("begins with random weights", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("camera-flickr8k", "model.heads=7", "7 heads do not divide the width 256")]
    [InlineData("hrem-flickr8k", "objective.embed_size=8", "write objective.embed_size: 256")]
    [InlineData("vsepp-flickr8k", "objective.measure=views", "write objective.measure: dot")]
    [InlineData("camera-flickr8k", "objective.measure=dot", "write objective.measure: views")]
    [InlineData("flickr8k-tern", "objective.measure=order", "model.measure is dot")]
    [InlineData("order-embeddings-flickr8k", "objective.measure=dot", "write objective.measure: order")]
    [InlineData("hrem-flickr8k", "train.groups=[{match: bertt.*, rate: 0.1}]", "no parameter's name fits 'bertt.*'")]
    [InlineData("camera-flickr8k", "data.boxes=", "boxes")]
    public async Task A_job_whose_parts_do_not_fit_each_other_is_refused(string preset, string set, string words)
    {
        Refusal.IsOneLine(
            await ColonyProcess.RunAsync(
                "train", Path.Combine(Configs, $"{preset}.yaml"), "--check",
                "--set", $"data.path={layouts.For("flickr8k")}", "--set", set),
            words);
    }
}
