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

    /// <summary>A value that no job file can hold would stay what it is, unnoticed.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Every_option_of_a_model_can_be_written(string name) =>
        CanBeWritten(ModelRegistry.All.Single(m => m.Name == name).OptionsType);

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Every_option_of_an_objective_can_be_written(string name) =>
        CanBeWritten(ObjectiveRegistry.All.Single(o => o.Name == name).OptionsType);

    [Fact]
    public void Where_the_job_file_lies_is_not_part_of_the_job()
    {
        var job = Parse("tern", "hinge");
        var moved = job with { Data = (DatasetOptions)job.Data with { BaseDirectory = "/somewhere" } };
        Assert.Equal(job.Hash(), moved.Hash());
        Assert.Equal(job.ToYaml(), moved.ToYaml());
    }

    private static void CanBeWritten(Type options)
    {
        Assert.NotNull(options.GetConstructor([]));
        Assert.All(
            options.GetProperties().Where(property => property.CanWrite),
            property => Assert.True(Holds(property.PropertyType), $"{options.Name}.{property.Name}"));
    }

    private static bool Holds(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            return Holds(type.GetGenericArguments()[0]);
        }

        return type.IsPrimitive || type.IsEnum || type == typeof(string)
            || (type.Assembly == typeof(ModelRegistry).Assembly
                && type.GetProperties().Where(property => property.CanWrite).All(p => Holds(p.PropertyType)));
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
