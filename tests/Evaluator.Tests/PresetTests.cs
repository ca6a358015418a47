using Colony.Jobs;
using Colony.Model;
using Colony.Testing;

namespace Colony.Evaluator.Tests;

/// <summary>The job files in configs/.</summary>
public sealed class PresetTests
{
    private const string Embed = "EmbedSize";

    public static TheoryData<string> Presets =>
    [
        .. Directory.GetFiles(Path.Combine(SharedFolder.RepositoryRoot!, "configs"), "*.yaml")
            .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_preset_is_a_valid_job_whose_model_and_objective_go_together(string preset)
    {
        var path = Path.Combine(SharedFolder.RepositoryRoot!, "configs", $"{preset}.yaml");
        var job = JobFile.Parse(File.ReadAllText(path), path, [], RegistryVocabulary.Instance).OrThrow();
        var (model, objective) = (job.Model.Options, job.Objective.Options);
        if (objective.GetType().GetProperty(Embed) is { } size)
        {
            Assert.Equal(model.GetType().GetProperty(Embed)!.GetValue(model), size.GetValue(objective));
        }

        var measure = objective.GetType().GetProperty("Measure")?.GetValue(objective) as string;
        Assert.Equal(model is CameraOptions, measure == "views");
        var own = job.Model.Name.Split('_')[0];
        Assert.All(new[] { "selfalign", "hrem" }, name => Assert.Equal(own == name, job.Objective.Name == name));
        if (model is VseOptions { Absolute: true })
        {
            Assert.StartsWith("order", measure, StringComparison.Ordinal);
        }
    }
}
