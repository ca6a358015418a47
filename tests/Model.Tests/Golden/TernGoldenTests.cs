namespace Colony.Model.Tests;

public sealed class TernGoldenTests
{
    public static TheoryData<string> Files => GoldenFolder.Files("tern_*.npz");

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_recorded_tensor_of_the_forward_pass_agrees(string file) => Check(file, GoldenChecks.Outputs);

    [Theory]
    [MemberData(nameof(Files))]
    public void The_loss_agrees(string file) => Check(file, GoldenChecks.Loss);

    [Theory]
    [MemberData(nameof(Files))]
    public void The_objective_alone_agrees_with_its_gradients(string file) => Check(file, GoldenChecks.LossAlone);

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_gradient_agrees(string file) => Check(file, GoldenChecks.Gradients);

    [Theory]
    [MemberData(nameof(Files))]
    public void Parameters_agree_after_one_and_three_steps(string file) => Check(file, GoldenChecks.Steps);

    private static void Check(string file, Action<GoldenCase> check)
    {
        using var golden = GoldenCase.Tern(file);
        check(golden);
    }
}
