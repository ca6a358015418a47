namespace Colony.Model.Tests;

/// <summary>Every model against the numbers of its published implementation.</summary>
public sealed class ModelGoldenTests
{
    public static TheoryData<string> Files => Of(GoldenFamily.All);

    public static TheoryData<string> FilesOfEmbeddings => Of(GoldenFamily.All.Where(family => !family.TakesMore));

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_recorded_tensor_of_the_forward_pass_agrees(string file) => Check(file, GoldenChecks.Outputs);

    [Theory]
    [MemberData(nameof(Files))]
    public void Evaluation_agrees(string file) => Check(file, GoldenChecks.Evaluation);

    [Theory]
    [MemberData(nameof(Files))]
    public void The_loss_agrees(string file) => Check(file, GoldenChecks.Loss);

    [Theory]
    [MemberData(nameof(FilesOfEmbeddings))]
    public void The_objective_alone_agrees_with_its_gradients(string file) => Check(file, GoldenChecks.LossAlone);

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_gradient_agrees(string file) => Check(file, GoldenChecks.Gradients);

    [Theory]
    [MemberData(nameof(Files))]
    public void Parameters_agree_after_one_and_three_steps(string file) => Check(file, GoldenChecks.Steps);

    private static TheoryData<string> Of(IEnumerable<GoldenFamily> families) =>
        [.. families.SelectMany(family => GoldenFolder.Files(family.Pattern)).Select(row => row.Data).Distinct()];

    private static void Check(string file, Action<GoldenCase> check)
    {
        using var golden = GoldenCase.Open(file);
        check(golden);
    }
}
