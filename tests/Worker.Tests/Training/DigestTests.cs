using Colony.Collective;

namespace Colony.Worker.Tests;

public sealed class DigestTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task OneFlippedBit_IsSeenByAllAndNobodyGoesOn(int every)
    {
        Tiny tiny = new Tiny().Train(t => t with { DigestEvery = every });
        await using Crew crew = await Crew.StartAsync(tiny, 3);
        await crew.RunToAsync(2);
        ulong[] held = [];
        await crew.OnComputeAsync(() =>
        {
            Flip(crew.Members[2].Replica);
            held = [.. crew.Members.Select(m => m.Replica.Digest())];
        });

        // Step 3 ends everywhere and leads to different states; step 4 brings their digests together.
        await crew.StepAsync(3);
        DigestsDifferException[] seen = [.. await Task.WhenAll(crew.Begin(4).Select(
            t => Assert.ThrowsAsync<DigestsDifferException>(
                () => t.WaitAsync(Tiny.Patience, TestContext.Current.CancellationToken))))];
        Assert.All(seen, e =>
        {
            Assert.Equal(3, e.Step);
            Assert.Equal([2], e.Odd);
            Assert.Equal([0, 1, 2], e.Digests.Select(d => d.Member));
            Assert.Contains("member 2 differs", e.Message, StringComparison.Ordinal);
        });
        await crew.OnComputeAsync(() =>
        {
            Assert.All(crew.Members, m => Assert.Equal(3, m.Replica.Step));
            Assert.Equal(seen[0].Digests.Select(d => d.Digest), crew.Members.Select(m => m.Replica.Digest()));
            Assert.All(crew.Members, m => Assert.All(m.Replica.Parameters, p => Assert.Null(p.grad)));
        });
        Assert.NotEqual(held[0], held[2]);
    }

    [Fact]
    public async Task Due_EveryNAtCheckpointsAndAtTheLastStep()
    {
        Tiny tiny = new Tiny().Train(t => t with { DigestEvery = 4, MaxSteps = 9 });
        tiny = tiny with { Job = tiny.Job with { Checkpoint = new() { EverySteps = 7 } } };
        await using Crew crew = await Crew.StartAsync(tiny, 2);
        var due = new List<long>();
        for (long step = 1; step <= 9; step++)
        {
            StepReport[] reports = await crew.StepAsync(step);
            Assert.Equal(reports[0].Digest, reports[1].Digest);
            if (reports[0].Digest is not null)
            {
                due.Add(step);
            }
        }

        Assert.Equal([4, 7, 8, 9], due);
        Assert.Equal(tiny.Job.Hash(), tiny.Train(t => t with { DigestEvery = 1 }).Job.Hash());
    }

    [Fact]
    public void TwoThatDiffer_AreBothNamedAndNeitherBlamed()
    {
        var differ = Assert.Throws<DigestsDifferException>(
            () => DigestsDifferException.ThrowIfAny([new(4, 1), new(4, 2)]));
        Assert.Empty(differ.Odd);
        Assert.Equal([(0, 1UL), (1, 2UL)], differ.Digests);
        Assert.Contains("no state has a majority", differ.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DigestsOfDifferentSteps_SayNothingAboutEachOther()
    {
        DigestsDifferException.ThrowIfAny([new(4, 1), new(5, 2), DueDigest.None, new(4, 1), DueDigest.None]);
        Assert.Throws<DigestsDifferException>(
            () => DigestsDifferException.ThrowIfAny([new(5, 2), new(4, 1), DueDigest.None, new(4, 7)]));
    }

    [Fact]
    public async Task WorkerWhoseStateIsInDoubt_DoesNotBuildOnIt()
    {
        var tiny = new Tiny();
        await using TestDonor well = await TestDonor.StartAsync(tiny, steps: 2);
        await using TestDonor ill = await TestDonor.StartAsync(tiny, steps: 2);
        Flip(ill.Replica);
        var network = new InProcessNetwork(2);
        await using var left = new Communicator(network.Connect(0), 0, 2);
        await using var right = new Communicator(network.Connect(1), 1, 2);
        await well.StepAsync(1, left, 0, ill.StepAsync(1, right, 1));
        await Assert.ThrowsAsync<DigestsDifferException>(() => well.StepAsync(1, left, 0, ill.StepAsync(1, right, 1)));

        // By its step alone it would need nothing.
        Assert.Equal((3, (await well.Trainer.DigestAsync(3))!.Value), await ill.CatchUpAsync(well.Address, 3));
    }

    private static void Flip(Replica replica) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(replica.Parameters[0].data<float>())[0] ^= 1;
}
