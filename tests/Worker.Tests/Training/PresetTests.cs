using Colony.Data;
using Colony.Evaluator.Tests;
using Colony.Jobs;
using Colony.Model;
using Colony.Testing;
using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>The job files in configs/ with narrow layers, so that names and number of layers stay what they are.
/// </summary>
public sealed class PresetTests
{
    private const long Steps = 2;

    /// <summary>Options that only say how wide something is, by their names.</summary>
    private static readonly Dictionary<string, int> Narrow = new(StringComparer.Ordinal)
    {
        ["EmbedSize"] = 8,
        ["Heads"] = 1,
        ["Feedforward"] = 8,
        ["ModelDim"] = PublishedData.Tokens,
        ["WordDim"] = 8,
        ["BertDim"] = 8,
        ["BertHeads"] = 1,
        ["BertIntermediate"] = 8,
        ["CaptionHidden"] = 4,
        ["CaptionWordDim"] = 3,
        ["PoolPositionDim"] = 4,
        ["PoolHidden"] = 3,
        ["Prototypes"] = 5,
        ["Negatives"] = 5,
    };

    public static TheoryData<string> Presets =>
    [
        .. Directory.GetFiles(Path.Combine(SharedFolder.RepositoryRoot!, "configs"), "*.yaml")
            .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal),
    ];

    /// <summary>A pattern of <c>train.groups</c> that fits no parameter, an objective that asks for a tensor the model
    /// does not give, a model that does not take what the data section makes: all of that is found here.</summary>
    [Theory]
    [MemberData(nameof(Presets))]
    public async Task A_preset_takes_steps_and_its_groups_fit_its_model(string preset)
    {
        long before = TensorCounters.Live;
        Job job = Small(preset);
        var inputs = new ModelInputs(
            PublishedData.Features,
            Text(job) is "vectors" or "features" ? PublishedData.Tokens : 0,
            Text(job) is "words" or "bert" ? PublishedData.Words : 0,
            Text(job) is "bert" ? PublishedData.Pieces : null);
        var tiny = new Tiny { Samples = 24, Job = job, Published = () => Make(job, inputs) };
        Ended ended = await Ended.TrainAsync(tiny, 1, Steps);
        Assert.True(double.IsFinite(ended.Loss), $"the loss is {ended.Loss}");
        Assert.Equal(before, TensorCounters.Live);
    }

    /// <summary>The check above sees a wrong pattern.</summary>
    [Fact]
    public void A_group_that_fits_nothing_is_named()
    {
        Job job = Small("hrem-f30k");
        ParameterGroupSection wrong = job.Train.Groups[0] with { Match = "bert.*" };
        var tiny = new Tiny
        {
            Samples = 24,
            Job = job with { Train = job.Train with { Groups = [wrong] } },
            Published = () => Make(job, new ModelInputs(
                PublishedData.Features, 0, PublishedData.Words, PublishedData.Pieces)),
        };
        var refused = Assert.Throws<ArgumentException>(tiny.Replica);
        Assert.Contains("train.groups: no parameter's name fits 'bert.*'", refused.Message, StringComparison.Ordinal);
    }

    private static string Text(Job job) => ((DatasetOptions)job.Data).Text;

    private static Job Small(string preset)
    {
        string path = Path.Combine(SharedFolder.RepositoryRoot!, "configs", $"{preset}.yaml");
        Job job = Parse(path, []);
        return Parse(
            path,
            [
                new Override("batch", "{size: 12, logical_ranks: 3}"),
                .. Narrowed("model", job.Model.Options), .. Narrowed("objective", job.Objective.Options),
            ]);
    }

    private static Job Parse(string path, IReadOnlyList<Override> overrides) =>
        JobFile.Parse(File.ReadAllText(path), path, overrides, RegistryVocabulary.Instance).OrThrow();

    private static IEnumerable<Override> Narrowed(string section, object options) =>
        from width in Narrow
        where options.GetType().GetProperty(width.Key) is not null
            && (width.Key != "WordDim" || options is not TernOptions { Text: "features" })
        select new Override(
            $"{section}.{System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(width.Key)}",
            width.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static (IEncoder Encoder, IObjective Objective) Make(Job job, ModelInputs inputs)
    {
        Assert.True(ModelRegistry.TryGet(job.Model.Name, out ModelEntry? model));
        Assert.True(ObjectiveRegistry.TryGet(job.Objective.Name, out ObjectiveEntry? objective));
        return (model.Create(job.Model.Options, inputs), objective.Create(job.Objective.Options));
    }
}
