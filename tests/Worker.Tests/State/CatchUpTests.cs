using Colony.Collective;
using Colony.Jobs;
using Colony.Protos.V1;
using Colony.Rpc;
using Colony.Torch;

namespace Colony.Worker.Tests;

public sealed class CatchUpTests
{
    private static readonly Tiny World = new() { Normalize = true, Dropout = 0.3 };

    [Theory]
    [InlineData(null)]
    [InlineData(5L)]
    public async Task JoinerFarBehind_TakesACopyAndTrainsOnToTheSameBits(long? target)
    {
        long before = TensorCounters.Live;
        await using (TestDonor joiner = await TestDonor.StartAsync(World))
        await using (TestDonor donor = await TestDonor.StartAsync(World, steps: 5))
        {
            Assert.Equal((5, donor.Digests[5]), await joiner.CatchUpAsync(donor.Address, target));
            await joiner.StepAsync(3);
            await donor.StepAsync(3);
            Assert.Equal(donor.Digests[8], joiner.Digests[8]);
            Assert.Equal(await donor.Trainer.HashAsync(), await joiner.Trainer.HashAsync());
        }

        Assert.Equal(before, TensorCounters.Live);
    }

    [Fact]
    public async Task JoinerOneStepBehind_GetsTheUpdateAlone()
    {
        await using TestDonor donor = await TestDonor.StartAsync(World, steps: 4);
        await using TestDonor joiner = await TestDonor.StartAsync(World, steps: 3);
        using Replica shapes = World.Replica();
        Parts parts = Parts.For(shapes);
        await StateTransfer.ReceiveAsync(
            donor.Address, Parts.Ask(3, null), parts, TestContext.Current.CancellationToken);

        Assert.Equal([new StatePart(StateKind.Update, 4, donor.Digests[4])], parts.Seen);
        Assert.Equal((4, donor.Digests[4]), await joiner.CatchUpAsync(donor.Address, 4));
    }

    [Fact]
    public async Task DonorThatTrainsOnDuringTheCopy_SendsTheUpdatesSince()
    {
        await using TestDonor donor = await TestDonor.StartAsync(World, steps: 2);
        var sent = new SentChunks { Wrote = count => count == 1 ? donor.StepAsync(3) : Task.CompletedTask };
        await donor.Service.ServeAsync(Parts.Ask(0, null), sent, TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                (StateKind.Full, 2, donor.Digests[2]), (StateKind.Update, 3, donor.Digests[3]),
                (StateKind.Update, 4, donor.Digests[4]), (StateKind.Update, 5, donor.Digests[5]),
            ],
            sent.Parts);
        Assert.False(donor.Trainer.Updates.Followed);
    }

    [Fact]
    public async Task FollowerThatFallsTooFarBehind_IsToldToStartAgain()
    {
        await using TestDonor donor = await TestDonor.StartAsync(World with { Samples = 400 }, steps: 2);
        var sent = new SentChunks
        {
            Wrote = count => count == 1 ? donor.StepAsync(UpdateShelf.MaxKept + 2) : Task.CompletedTask,
        };
        RpcException gone = await Assert.ThrowsAsync<RpcException>(
            () => donor.Service.ServeAsync(Parts.Ask(0, null), sent, TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.OutOfRange, gone.Code);
        Assert.False(donor.Trainer.Updates.Followed);
    }

    [Fact]
    public async Task OnlySoManyCopies_AreSentAtATime()
    {
        await using TestDonor donor = await TestDonor.StartAsync(World, steps: 2);
        RpcException? refused = null;
        var third = new SentChunks();
        var second = new SentChunks
        {
            Wrote = async count => refused = count == 1
                ? await Assert.ThrowsAsync<RpcException>(() => donor.Service.ServeAsync(
                    Parts.Ask(0, null), third, TestContext.Current.CancellationToken))
                : refused,
        };
        var first = new SentChunks
        {
            Wrote = count => count == 1
                ? donor.Service.ServeAsync(Parts.Ask(0, null), second, TestContext.Current.CancellationToken)
                : Task.CompletedTask,
        };
        await donor.Service.ServeAsync(Parts.Ask(0, null), first, TestContext.Current.CancellationToken);
        Assert.Equal(StatusCode.ResourceExhausted, refused?.Code);
        Assert.Empty(third.Parts);
        Assert.Equal(first.Parts, second.Parts);
    }

    [Theory]
    [InlineData(DecayKind.Step)]
    [InlineData(DecayKind.Plateau)]
    public async Task ChainOfUpdates_EndsAtTheBitsOfTheDonor(DecayKind decay)
    {
        Tiny world = World.Train(t => t with { Decay = decay, Patience = 0, Threshold = 0.99 });
        await using TestDonor donor = await TestDonor.StartAsync(world, steps: 1);
        await using TestDonor joiner = await TestDonor.StartAsync(world, steps: 1);
        using (donor.Trainer.Updates.Follow())
        {
            await donor.StepAsync(6);
            Assert.Equal((7, donor.Digests[7]), await joiner.CatchUpAsync(donor.Address));
        }
    }

    [Fact]
    public async Task DigestsThatAreSeldomDue_AreTakenWhileSomebodyFollows()
    {
        Tiny seldom = World.Train(t => t with { DigestEvery = 1000 });
        await using TestDonor donor = await TestDonor.StartAsync(seldom, steps: 1);
        using (donor.Trainer.Updates.Follow())
        {
            await donor.StepAsync(1);
        }

        using UpdateShelf.Reading newest = donor.Trainer.Updates.Take(2)!;
        Assert.Equal(donor.Digests[2], newest.Update.Digest);
    }

    [Fact]
    public async Task SameStep_IsComparedAndNothingIsSent()
    {
        await using TestDonor donor = await TestDonor.StartAsync(World, steps: 2);
        await using TestDonor joiner = await TestDonor.StartAsync(World, steps: 2);
        Assert.Equal((2, donor.Digests[2]), await joiner.CatchUpAsync(donor.Address, 2));

        await using TestDonor other = await TestDonor.StartAsync(World with { Dropout = 0.5 }, steps: 2);
        StateDiffersException differs = await Assert.ThrowsAsync<StateDiffersException>(
            () => joiner.CatchUpAsync(other.Address));
        Assert.Equal(
            (other.Address, 2, donor.Digests[2], other.Digests[2]),
            (differs.Donor, differs.Step, differs.Ours, differs.Theirs));

        // What it holds is in doubt now, so the next attempt does not build on it.
        Assert.Equal((2, other.Digests[2]), await joiner.CatchUpAsync(other.Address));
    }

    [Fact]
    public async Task JoinerAhead_GoesBackOnlyWhenItIsTold()
    {
        await using TestDonor donor = await TestDonor.StartAsync(World, steps: 2);
        await using TestDonor joiner = await TestDonor.StartAsync(World, steps: 3);
        Assert.Equal((3, joiner.Digests[3]), await joiner.CatchUpAsync(donor.Address));
        Assert.Equal((2, donor.Digests[2]), await joiner.CatchUpAsync(donor.Address, 2));
    }

    [Theory]
    [InlineData(7, StatusCode.FailedPrecondition)]
    [InlineData(3, StatusCode.OutOfRange)]
    public async Task DonorThatIsElsewhere_RefusesAndTheReplicaStays(long target, StatusCode expected)
    {
        await using TestDonor donor = await TestDonor.StartAsync(World, steps: 5);
        await using TestDonor joiner = await TestDonor.StartAsync(World, steps: 1);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => joiner.CatchUpAsync(donor.Address, target));

        Assert.Equal(expected, refused.Code);
        Assert.Contains("5", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(joiner.Digests[1], await joiner.Trainer.DigestAsync(1));
    }

    [Fact]
    public async Task DonorWithoutState_OrWithoutServer_Refuses()
    {
        await using TestDonor joiner = await TestDonor.StartAsync(World);
        string gone;
        await using (TestDonor empty = await TestDonor.StartAsync(World, loaded: false))
        {
            gone = empty.Address;
            Assert.Equal(
                StatusCode.FailedPrecondition,
                (await Assert.ThrowsAsync<RpcException>(() => joiner.CatchUpAsync(gone))).Code);
        }

        Assert.Equal(
            StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => joiner.CatchUpAsync(gone))).Code);
    }
}
