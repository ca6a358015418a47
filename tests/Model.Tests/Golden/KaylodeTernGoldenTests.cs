using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class KaylodeTernGoldenTests
{
    public static TheoryData<string> Files => GoldenFolder.Files("ktern_*.npz");

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

    /// <summary>The two halves of ConVIRT's loss, where a file has them.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void The_halves_of_the_loss_agree(string file)
    {
        using var golden = GoldenCase.Kaylode(file);
        if (golden.Objective is not CustomNtXent objective)
        {
            Assert.False(golden.Numbers.Contains("loss/I_T"));
            return;
        }

        using var scope = torch.NewDisposeScope();
        var rows = torch.cat(
            [Arrays.Tensor(golden.Numbers["output/lang"]), Arrays.Tensor(golden.Numbers["output/visual"])], 0);
        var (first, second) = objective.Halves(Normalization.Guarded(rows));
        Assert.Equal(golden.Numbers["loss/I_T"].Scalar(), first.ToDouble(), golden.Tolerances.Loss);
        Assert.Equal(golden.Numbers["loss/T_I"].Scalar(), second.ToDouble(), golden.Tolerances.Loss);
    }

    private static void Check(string file, Action<GoldenCase> check)
    {
        using var golden = GoldenCase.Kaylode(file);
        check(golden);
    }
}
