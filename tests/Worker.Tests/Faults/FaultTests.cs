using System.Globalization;

namespace Colony.Worker.Tests;

public sealed class FaultTests
{
    [Theory]
    [InlineData("kill@backward:step=12:worker=worker-1", FaultAction.Kill, "backward", 12L, "worker-1", 0)]
    [InlineData("stop@gather:step=5", FaultAction.Stop, "gather", 5L, null, 0)]
    [InlineData("flip@optimizer:worker=a:step=7", FaultAction.Flip, "optimizer", 7L, "a", 0)]
    [InlineData("nan@backward", FaultAction.Nan, "backward", null, null, 0)]
    [InlineData("delay=250@state_transfer", FaultAction.Delay, "state_transfer", null, null, 250)]
    [InlineData(" kill@all_gather ", FaultAction.Kill, "reduce", null, null, 0)]
    [InlineData("kill@reduce_scatter", FaultAction.Kill, "reduce", null, null, 0)]
    public void Fault_IsRead(
        string text, object action, string point, long? step, string? worker, int milliseconds) =>
        Assert.Equal(
            new Fault((FaultAction)action, point, TimeSpan.FromMilliseconds(milliseconds), step, worker),
            Assert.Single(Fault.Parse(text)));

    [Fact]
    public void Several_AreReadInOrder() => Assert.Equal(
        ["load", "checkpoint"], Fault.Parse("kill@load:step=1, stop@checkpoint,").Select(f => f.Point));

    [Theory]
    [InlineData("kill", "ACTION@POINT")]
    [InlineData("kill@backward@gather", "ACTION@POINT")]
    [InlineData("burn@backward", "kill, stop, delay=MILLISECONDS, flip, nan")]
    [InlineData("kill=3@backward", "kill, stop, delay=MILLISECONDS, flip, nan")]
    [InlineData("delay@backward", "delay=MILLISECONDS")]
    [InlineData("delay=-1@backward", "milliseconds")]
    [InlineData("delay=99999999@backward", "milliseconds")]
    [InlineData("kill@lunch", "load, forward, gather, objective, backward, reduce, optimizer, checkpoint, state_")]
    [InlineData("flip@gather", "optimizer alone")]
    [InlineData("nan@optimizer", "backward alone")]
    [InlineData("kill@load:step=0", "step=N (from 1)")]
    [InlineData("kill@load:step=1:step=2", "once each")]
    [InlineData("kill@load:step", "step=N")]
    [InlineData("kill@load:worker=", "worker=NAME")]
    [InlineData("kill@load:worker", "worker=NAME")]
    [InlineData("kill@load:day=1", "'day=1'")]
    public void Nonsense_IsRefusedInOneLineThatSaysTheCure(string text, string cure)
    {
        string message = Assert.Throws<FaultSyntaxException>(
            () => FaultPoints.Arm("w", text, new Noted())).Message;
        Assert.StartsWith($"COLONY_FAULT: '{text}'", message, StringComparison.Ordinal);
        Assert.Contains(cure, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("kill@load:worker=other")]
    public void NothingForThisWorker_ArmsNothing(string? text) =>
        Assert.Null(FaultPoints.Arm("worker-1", text, new Noted()));

    [Fact]
    public void Armed_HappensOnceAtItsPointAndStep()
    {
        var noted = new Noted();
        FaultPoints points = FaultPoints.Arm("w", "kill@gather:step=3,delay=5@load,stop@gather:step=3", noted)!;
        points.Reach("gather", 2);
        points.Reach("forward", 3);
        Assert.Empty(noted.Done);
        points.Reach("load", 3);
        points.Reach("load", 4);
        points.Reach("gather", 3);
        points.Reach("gather", 3);
        Assert.Equal(["delay 5", "kill", "stop"], noted.Done);
    }

    [Fact]
    public async Task EveryPhaseOfAStep_IsReachedOnce()
    {
        var noted = new Noted();
        string[] phases = ["load", "forward", "gather", "objective", "backward", "reduce", "optimizer"];
        FaultPoints points = FaultPoints.Arm("w", string.Join(',', phases.Select(
            (p, i) => string.Create(CultureInfo.InvariantCulture, $"delay={i}@{p}:step=2"))), noted)!;
        await using Crew crew = await Crew.StartAsync(new Tiny(), 1, points);
        await crew.RunToAsync(1);
        Assert.Empty(noted.Done);
        await crew.RunToAsync(3);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"delay {i}"), noted.Done);
    }

    [Fact]
    public async Task Flip_ChangesOneBitAfterTheUpdateAndTheDigestShowsIt()
    {
        FaultPoints points = FaultPoints.Arm("w", "flip@optimizer:step=2", new Noted())!;
        await using Crew well = await Crew.StartAsync(new Tiny(), 1);
        await using Crew ill = await Crew.StartAsync(new Tiny(), 1, points);
        StepReport[] right = [await well.RunToAsync(1), await well.RunToAsync(2)];
        StepReport[] wrong = [await ill.RunToAsync(1), await ill.RunToAsync(2)];
        Assert.Equal(right[0].Digest, wrong[0].Digest);
        Assert.NotEqual(right[1].Digest, wrong[1].Digest);
        int[][] bits = [.. new[] { well, ill }.Select(c => c.Members[0].Replica.Parameters
            .SelectMany(p => p.ToArray<float>()).Select(BitConverter.SingleToInt32Bits).ToArray())];
        Assert.Equal(1, bits[0].Zip(bits[1]).Sum(p => int.PopCount(p.First ^ p.Second)));
    }

    [Fact]
    public async Task Nan_SkipsTheStepOnEveryMember()
    {
        FaultPoints points = FaultPoints.Arm("w", "nan@backward:step=2", new Noted())!;
        await using Crew crew = await Crew.StartAsync(new Tiny(), 2, points);
        Assert.False((await crew.RunToAsync(1)).Skipped);
        Assert.All(await crew.StepAsync(2), r => Assert.True(r.Skipped));
        Assert.All(await crew.StepAsync(3), r => Assert.False(r.Skipped));
    }

    private sealed class Noted : IFaultActions
    {
        public List<string> Done { get; } = [];

        public void Kill() => Done.Add("kill");

        public void Stop() => Done.Add("stop");

        public void Delay(TimeSpan time) => Done.Add($"delay {time.TotalMilliseconds}");
    }
}
