using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class KaylodeTernGoldenTests
{
    public static TheoryData<string> Files => GoldenFolder.Files("ktern_*.npz");

    /// <summary>The two halves of ConVIRT's loss, where a file has them.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void The_halves_of_the_loss_agree(string file)
    {
        using var golden = GoldenCase.Open(file);
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
}
