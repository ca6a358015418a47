using System.Globalization;
using Colony.Faults;

namespace Colony.Worker.Tests;

public sealed class FaultTests
{
    [Fact]
    public async Task EveryPhaseOfAStep_IsReachedOnce()
    {
        var noted = new Noted();
        string[] phases = ["load", "forward", "gather", "objective", "backward", "reduce", "optimizer"];
        FaultPoints points = FaultPoints.OfWorker("w", string.Join(',', phases.Select(
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
        FaultPoints points = FaultPoints.OfWorker("w", "flip@optimizer:step=2", new Noted())!;
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
        FaultPoints points = FaultPoints.OfWorker("w", "nan@backward:step=2", new Noted())!;
        await using Crew crew = await Crew.StartAsync(new Tiny(), 2, points);
        Assert.False((await crew.RunToAsync(1)).Skipped);
        Assert.All(await crew.StepAsync(2), r => Assert.True(r.Skipped));
        Assert.All(await crew.StepAsync(3), r => Assert.False(r.Skipped));
    }

    [Fact]
    public async Task Nan_InARehearsalKeepsNobodyFromStarting()
    {
        FaultPoints points = FaultPoints.OfWorker("w", "nan@backward:step=1", new Noted())!;
        await using Crew crew = await Crew.StartAsync(new Tiny(), 1, points);
        await crew.RehearseAsync();
        Assert.Equal(1, (await crew.RunToAsync(1)).Step);
    }

    private sealed class Noted : IFaultActions
    {
        public List<string> Done { get; } = [];

        public void Kill(string place, long step) => Done.Add("kill");

        public void Stop(string place, long step) => Done.Add("stop");

        public void Delay(string place, long step, TimeSpan time) => Done.Add($"delay {time.TotalMilliseconds}");
    }
}
