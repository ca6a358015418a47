using Colony.Collective;
using Colony.Protos.V1;
using Colony.Rpc;
using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>Donors that lie, or break off: the joiner stays at a whole step and says what was wrong.</summary>
public sealed class FalseDonorTests
{
    private static readonly Tiny World = new() { Normalize = true };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task BrokenOffInTheMiddle_ReplicaIsAsBeforeAndNothingLeaks(long held)
    {
        long before = TensorCounters.Live;
        await using (TestDonor donor = await TestDonor.StartAsync(World, steps: 3))
        await using (TestDonor joiner = await TestDonor.StartAsync(World, steps: held))
        {
            var reached = new TaskCompletionSource();
            await using RpcServer halting = await RelayAsync(donor, async (header, count) =>
            {
                if (count == 4)
                {
                    reached.TrySetResult();
                    await new TaskCompletionSource().Task.WaitAsync(TestContext.Current.CancellationToken);
                }
            });
            using var cancel = new CancellationTokenSource();
            Task<(long, ulong)> catching = joiner.Trainer.CatchUpAsync(Address(halting), 3, cancel.Token);
            await reached.Task.WaitAsync(Tiny.Patience, TestContext.Current.CancellationToken);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => catching.WaitAsync(Tiny.Patience, TestContext.Current.CancellationToken));

            Assert.Equal(joiner.Digests[held], await joiner.Trainer.DigestAsync(held));
            Assert.Equal((3, donor.Digests[3]), await joiner.CatchUpAsync(donor.Address, 3));
        }

        Assert.Equal(before, TensorCounters.Live);
    }

    [Fact]
    public async Task CopyWithAnotherDigest_IsNotLoaded()
    {
        await using TestDonor donor = await TestDonor.StartAsync(World, steps: 3);
        await using TestDonor joiner = await TestDonor.StartAsync(World, steps: 1);
        await using RpcServer lying = await RelayAsync(donor, Lie);
        StateDiffersException differs = await Assert.ThrowsAsync<StateDiffersException>(
            () => joiner.CatchUpAsync(Address(lying)));

        Assert.Equal((3, donor.Digests[3], donor.Digests[3] ^ 1), (differs.Step, differs.Ours, differs.Theirs));
        Assert.Equal(joiner.Digests[1], await joiner.Trainer.DigestAsync(1));
        Assert.Equal((3, donor.Digests[3]), await joiner.CatchUpAsync(donor.Address));
    }

    [Fact]
    public async Task UpdateThatLeadsElsewhere_IsSaidAndTheStateIsNotBuiltOnAgain()
    {
        await using TestDonor donor = await TestDonor.StartAsync(World, steps: 3);
        await using TestDonor joiner = await TestDonor.StartAsync(World, steps: 2);
        await using RpcServer lying = await RelayAsync(donor, Lie);
        StateDiffersException differs = await Assert.ThrowsAsync<StateDiffersException>(
            () => joiner.CatchUpAsync(Address(lying), 3));
        Assert.Equal((3, donor.Digests[3]), (differs.Step, differs.Ours));
        Assert.Contains(Address(lying), differs.Message, StringComparison.Ordinal);

        await donor.StepAsync(1);
        Assert.Equal((4, donor.Digests[4]), await joiner.CatchUpAsync(donor.Address));
    }

    [Fact]
    public async Task OtherModel_IsRefused()
    {
        await using TestDonor donor = await TestDonor.StartAsync(World with { Normalize = false }, steps: 3);
        await using TestDonor joiner = await TestDonor.StartAsync(World, steps: 1);
        RpcException strange = await Assert.ThrowsAsync<RpcException>(() => joiner.CatchUpAsync(donor.Address));
        Assert.Equal(StatusCode.DataLoss, strange.Code);
        Assert.Equal(joiner.Digests[1], await joiner.Trainer.DigestAsync(1));
    }

    private static Task Lie(TensorChunk header, int count)
    {
        header.Digest ^= 1;
        return Task.CompletedTask;
    }

    private static string Address(RpcServer server) => $"127.0.0.1:{server.Port}";

    /// <summary>A server that hands on what a donor says, after a word with it.</summary>
    private static async Task<RpcServer> RelayAsync(TestDonor donor, Func<TensorChunk, int, Task> before)
    {
        var server = new RpcServer(new RpcServerOptions { ShutdownGrace = TimeSpan.Zero });
        server.AddServerStreaming(
            StateTransfer.Fetch,
            (request, responses, _, ct) => donor.Service.ServeAsync(request, new Relay(responses, before), ct));
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    private sealed class Relay(
        IRpcWriter<PayloadMessage<TensorChunk>> responses, Func<TensorChunk, int, Task> before)
        : IRpcWriter<PayloadMessage<TensorChunk>>
    {
        private int _count;

        public async ValueTask WriteAsync(PayloadMessage<TensorChunk> message, CancellationToken cancellationToken)
        {
            await before(message.Header, ++_count).WaitAsync(cancellationToken);
            await responses.WriteAsync(message, cancellationToken);
        }
    }
}
