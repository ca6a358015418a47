using Colony.Data;
using Colony.Jobs;
using Colony.Model;

namespace Colony.Evaluator.Tests;

/// <summary>Every model and objective that a job can name has options that a job file can hold.</summary>
public sealed class JobOptionsTests
{
    public static TheoryData<string> Models => [.. ModelRegistry.All.Select(m => m.Name)];

    public static TheoryData<string> Objectives => [.. ObjectiveRegistry.All.Select(o => o.Name)];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_can_be_named_with_defaults(string name) => RoundTrips(name, "hinge");

    [Theory]
    [MemberData(nameof(Objectives))]
    public void An_objective_can_be_named_with_defaults(string name) => RoundTrips("tern", name);

    [Fact]
    public void Where_the_job_file_lies_is_not_part_of_the_job()
    {
        var job = Parse("tern", "hinge");
        var moved = job with { Data = (DatasetOptions)job.Data with { BaseDirectory = "/somewhere" } };
        Assert.Equal(job.Hash(), moved.Hash());
        Assert.Equal(job.ToYaml(), moved.ToYaml());
    }

    private static void RoundTrips(string model, string objective)
    {
        var job = Parse(model, objective);
        Assert.IsType(ModelRegistry.All.Single(m => m.Name == model).OptionsType, job.Model.Options);
        var again = JobFile.Parse(job.ToYaml(), "again.yaml", [], RegistryVocabulary.Instance).OrThrow();
        Assert.Equal(job.Hash(), again.Hash());
        Assert.Equal(job.Model.Options.ToString(), again.Model.Options.ToString());
    }

    private static Job Parse(string model, string objective) => JobFile.Parse(
        $"job: try\ndata: {{path: flickr8k}}\nmodel: {{name: {model}}}\nobjective: {{name: {objective}}}\n",
        "job.yaml", [], RegistryVocabulary.Instance).OrThrow();
}
