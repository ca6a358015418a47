using Colony.Actors.Simulation;

namespace Colony.Actors.Tests;

public sealed class FaultTextTests
{
    [Fact]
    public void Every_fault_that_can_be_drawn_comes_back_from_its_line()
    {
        var profile = new FaultProfile
        {
            StopAt = TimeSpan.FromSeconds(100),
            MeanInterval = TimeSpan.FromSeconds(0.1),
            Kinds = [.. Enum.GetValues<FaultKind>().Select(k => (k, 1.0))],
        };
        var faults = profile.Draw(["a", "b", "c"], new SeededRandom(7));
        Assert.Equal(Enum.GetValues<FaultKind>(), faults.Select(f => f.Kind).Distinct().Order());
        var text = string.Join('\n', faults.Select(FaultText.Format));
        Assert.Equal(faults, FaultText.ParseSchedule(text));
        Assert.Equal(faults, FaultText.ParseSchedule("# a comment\r\n\r\n" + text.ReplaceLineEndings("\r\n") + "\r\n"));
    }

    [Theory]
    [InlineData("12ms Crash worker-0 5ms x1", true)]
    [InlineData("12.5ms Partition worker-0>worker-1 5ms x1", true)]
    [InlineData("12 Crash worker-0 5ms x1", false)]
    [InlineData("-1ms Crash worker-0 5ms x1", false)]
    [InlineData("12ms Crush worker-0 5ms x1", false)]
    [InlineData("12ms 3 worker-0 5ms x1", true)]
    [InlineData("12ms 99 worker-0 5ms x1", false)]
    [InlineData("12ms Crash worker-0>worker-1 5ms x1", false)]
    [InlineData("12ms Partition worker-0 5ms x1", false)]
    [InlineData("12ms Partition worker-0> 5ms x1", false)]
    [InlineData("12ms Crash worker-0 5ms 1", false)]
    [InlineData("12ms Slow worker-0 5ms x0", false)]
    [InlineData("12ms Slow worker-0 5ms xNaN", false)]
    [InlineData("NaNms Crash worker-0 5ms x1", false)]
    [InlineData("12ms Crash worker-0 1e300ms x1", false)]
    [InlineData("12ms Crash worker-0 5ms x1 more", false)]
    public void A_line_is_a_fault_or_says_what_is_wrong(string line, bool good)
    {
        if (good)
        {
            Assert.Equal(FaultText.Parse(line), FaultText.Parse(FaultText.Format(FaultText.Parse(line))));
        }
        else
        {
            Assert.Contains(
                line, Assert.Throws<FormatException>(() => FaultText.Parse(line)).Message, StringComparison.Ordinal);
        }
    }
}
