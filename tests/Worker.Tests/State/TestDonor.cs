using Colony.Collective;
using Colony.Rpc;

namespace Colony.Worker.Tests;

/// <summary>A worker's training side with its state service on a real connection, alone in its group.</summary>
internal sealed class TestDonor : IAsyncDisposable
{
    private readonly SnapshotShelf _shelf = new();
    private readonly CollectiveEndpoint _endpoint = new();
    private readonly RpcServer _server = new(new RpcServerOptions());
    private readonly Communicator _alone = new(new InProcessNetwork(1).Connect(0), 0, 1);
    private readonly Tiny _tiny;
    private long _step;

    private TestDonor(Tiny tiny)
    {
        _tiny = tiny;
        Trainer = tiny.Trainer(_shelf, _endpoint, () => Replica = tiny.Replica());
        Service = new StateService(_shelf, Trainer, TimeProvider.System);
    }

    public StateService Service { get; }

    /// <summary>What the trainer trains.</summary>
    public Replica Replica { get; private set; } = null!;

    public Trainer Trainer { get; }

    public string Address => $"127.0.0.1:{_server.Port}";

    /// <summary>Digest after each step that it has run.</summary>
    public Dictionary<long, ulong> Digests { get; } = [];

    public static async Task<TestDonor> StartAsync(Tiny tiny, long steps = 0, bool loaded = true)
    {
        var donor = new TestDonor(tiny);
        donor.Service.Register(donor._server);
        await donor._server.StartAsync(TestContext.Current.CancellationToken);
        if (loaded)
        {
            await donor.Trainer.LoadAsync(
                0, () => throw new InvalidOperationException("there is no checkpoint"), _ => { },
                TestContext.Current.CancellationToken);
        }

        await donor.StepAsync(steps);
        return donor;
    }

    /// <summary>Runs so many steps as a member of a pair, together with the other.</summary>
    public async Task StepAsync(long count, Communicator group, int member, Task? other = null)
    {
        Task mine = RunAsync();
        await Task.WhenAll(mine, other ?? Task.CompletedTask)
            .WaitAsync(Tiny.Patience, TestContext.Current.CancellationToken);

        async Task RunAsync()
        {
            for (long step = _step + 1; step <= _step + count; step++)
            {
                await Trainer.RunAsync(step, _tiny.RanksOf(member, 2), group, TestContext.Current.CancellationToken);
            }

            _step += count;
        }
    }

    public async Task StepAsync(long count)
    {
        for (; count > 0; count--)
        {
            await Trainer.RunAsync(
                ++_step, _tiny.RanksOf(0, 1), _alone, TestContext.Current.CancellationToken);
            Digests[_step] = (await Trainer.DigestAsync(_step))!.Value;
        }
    }

    public Task<(long Step, ulong Digest)> CatchUpAsync(string donor, long? target = null)
    {
        return RunAsync();

        async Task<(long, ulong)> RunAsync()
        {
            (long step, ulong digest) = await Trainer.CatchUpAsync(
                donor, target, TestContext.Current.CancellationToken)
                .WaitAsync(Tiny.Patience, TestContext.Current.CancellationToken);
            _step = step;
            return (step, digest);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Trainer.DisposeAsync();
        await _alone.DisposeAsync();
        await _endpoint.DisposeAsync();
        _shelf.Dispose();
    }
}
