namespace Colony.Faults.Tests;

public sealed class FaultTests
{
    [Theory]
    [InlineData("kill@backward:step=12:worker=worker-1", FaultAction.Kill, "backward", 12L, "worker-1", 0)]
    [InlineData("stop@gather:step=5", FaultAction.Stop, "gather", 5L, null, 0)]
    [InlineData("flip@optimizer:worker=a:step=7", FaultAction.Flip, "optimizer", 7L, "a", 0)]
    [InlineData("nan@backward", FaultAction.Nan, "backward", null, null, 0)]
    [InlineData("delay=250@state_transfer", FaultAction.Delay, "state_transfer", null, null, 250)]
    [InlineData(" kill@all_gather ", FaultAction.Kill, "all_gather", null, null, 0)]
    [InlineData("kill@preparing:step=5", FaultAction.Kill, "preparing", 5L, null, 0)]
    [InlineData("kill@reduce_scatter", FaultAction.Kill, "reduce_scatter", null, null, 0)]
    public void Fault_IsRead(
        string text, object action, string place, long? step, string? worker, int milliseconds) =>
        Assert.Equal(
            new Fault((FaultAction)action, place, TimeSpan.FromMilliseconds(milliseconds), step, worker),
            Assert.Single(Fault.Parse(text)));

    [Fact]
    public void Several_AreReadInOrder() => Assert.Equal(
        ["load", "checkpoint"], Fault.Parse("kill@load:step=1, stop@checkpoint,").Select(f => f.Place));

    [Theory]
    [InlineData("kill", "ACTION@PLACE")]
    [InlineData("kill@backward@gather", "ACTION@PLACE")]
    [InlineData("burn@backward", "kill, stop, delay=MILLISECONDS, flip, nan")]
    [InlineData("kill=3@backward", "kill, stop, delay=MILLISECONDS, flip, nan")]
    [InlineData("delay@backward", "delay=MILLISECONDS")]
    [InlineData("delay=-1@backward", "milliseconds")]
    [InlineData("delay=99999999@backward", "milliseconds")]
    [InlineData("kill@lunch", "load, forward, gather, objective, backward, reduce, reduce_scatter, all_gather, optim")]
    [InlineData("flip@gather", "optimizer alone")]
    [InlineData("nan@optimizer", "backward alone")]
    [InlineData("kill@load:step=0", "step=N (from 1)")]
    [InlineData("kill@load:step=1:step=2", "once each")]
    [InlineData("kill@load:step", "step=N")]
    [InlineData("kill@load:worker=", "worker=NAME")]
    [InlineData("kill@load:worker", "worker=NAME")]
    [InlineData("kill@running:worker=w", "place of the coordinator")]
    [InlineData("kill@load:day=1", "'day=1'")]
    public void Nonsense_IsRefusedInOneLineThatSaysTheCure(string text, string cure)
    {
        string message = Assert.Throws<FaultSyntaxException>(
            () => FaultPoints.OfWorker("w", text, new Noted())).Message;
        Assert.StartsWith($"COLONY_FAULT: '{text}'", message, StringComparison.Ordinal);
        Assert.Contains(cure, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("kill@load:worker=other")]
    [InlineData("kill@running")]
    public void NothingForThisWorker_ArmsNothing(string? text) =>
        Assert.Null(FaultPoints.OfWorker("worker-1", text, new Noted()));

    [Fact]
    public void Armed_HappensOnceAtItsPointAndStep()
    {
        var noted = new Noted();
        FaultPoints points = FaultPoints.OfWorker("w", "kill@gather:step=3,delay=5@load,stop@gather:step=3", noted)!;
        points.Reach("gather", 2);
        points.Reach("forward", 3);
        Assert.Empty(noted.Done);
        points.Reach("load", 3);
        points.Reach("load", 4);
        points.Reach("gather", 3);
        points.Reach("gather", 3);
        Assert.Equal(["delay 5@load 3", "kill@gather 3", "stop@gather 3"], noted.Done);
    }

    [Fact]
    public void OfTheCoordinator_HappensAtItsStepOrLater()
    {
        var noted = new Noted();
        FaultPoints points = FaultPoints.OfCoordinator("kill@running:step=5,stop@gather,delay=7@ended", noted)!;
        points.Reach("running", 4, orLater: true);
        points.Reach("preparing", 9, orLater: true);
        Assert.Empty(noted.Done);
        points.Reach("running", 6, orLater: true);
        points.Reach("running", 7, orLater: true);
        points.Reach("ended", 8, orLater: true);
        Assert.Equal(["kill@running 6", "delay 7@ended 8"], noted.Done);
    }

    [Fact]
    public void InNumbers_IsTakenOnceByWhoeverCarriesItOut()
    {
        FaultPoints points = FaultPoints.OfWorker("w", "flip@optimizer:step=3", new Noted())!;
        points.Reach("optimizer", 3);
        Assert.False(points.Take(FaultAction.Flip, "optimizer", 2));
        Assert.False(points.Take(FaultAction.Nan, "optimizer", 3));
        Assert.True(points.Take(FaultAction.Flip, "optimizer", 3));
        Assert.False(points.Take(FaultAction.Flip, "optimizer", 3));
    }

    private sealed class Noted : IFaultActions
    {
        public List<string> Done { get; } = [];

        public void Kill(string place, long step) => Done.Add($"kill@{place} {step}");

        public void Stop(string place, long step) => Done.Add($"stop@{place} {step}");

        public void Delay(string place, long step, TimeSpan time) =>
            Done.Add($"delay {time.TotalMilliseconds}@{place} {step}");
    }
}
