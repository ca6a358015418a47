using Colony.Collective;
using Colony.Faults;
using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>
/// The members of a group in one process. They share one compute thread, as torch's random generator belongs to the
/// process: a forward pass runs to its end before another member's begins, and they take turns at every wait.
/// </summary>
internal sealed class Crew : IAsyncDisposable
{
    private readonly ComputeThread _compute = new("crew");
    private readonly List<Member> _members = [];
    private readonly Tiny _tiny;

    private Crew(Tiny tiny) => _tiny = tiny;

    public IReadOnlyList<Member> Members => _members;

    public static async Task<Crew> StartAsync(Tiny tiny, int members, FaultPoints? faults = null)
    {
        var crew = new Crew(tiny);
        await crew.OnComputeAsync(() =>
        {
            torch.set_num_threads(1);
            var network = new InProcessNetwork(members);
            for (int i = 0; i < members; i++)
            {
                Replica replica = tiny.Replica();
                var updates = new UpdateShelf();
                crew._members.Add(new Member(
                    replica,
                    updates,
                    new StepRunner(tiny.Job, tiny.Data, replica, updates, TimeProvider.System, _ => { }, faults),
                    new Communicator(network.Connect(i), i, members)));
            }
        });
        return crew;
    }

    /// <summary>Runs a step on every member; the reports in member order.</summary>
    public Task<StepReport[]> StepAsync(long step) => Task.WhenAll(Begin(step));

    /// <summary>Begins a step on every member.</summary>
    public Task<StepReport>[] Begin(long step) => [.. _members.Select((m, i) => _compute.RunAsync(
        () => m.Runner.RunAsync(
            step, _tiny.RanksOf(i, _members.Count), m.Group, TestContext.Current.CancellationToken)))];

    public async Task<StepReport> RunToAsync(long last)
    {
        StepReport? newest = null;
        for (long step = _members[0].Replica.Step + 1; step <= last; step++)
        {
            newest = (await StepAsync(step).WaitAsync(Tiny.Patience, TestContext.Current.CancellationToken))[0];
        }

        return newest!;
    }

    /// <summary>Rehearses the step that follows on every member.</summary>
    public Task RehearseAsync() => Task.WhenAll(_members.Select(m => _compute.RunAsync(async () =>
    {
        await m.Runner.RehearseAsync(TestContext.Current.CancellationToken);
        return true;
    })));

    public Task OnComputeAsync(Action work) => _compute.RunAsync(() =>
    {
        work();
        return Task.FromResult(true);
    });

    public async ValueTask DisposeAsync()
    {
        foreach (Member member in _members)
        {
            await member.Group.DisposeAsync();
        }

        await OnComputeAsync(() => _members.ForEach(m => m.Dispose()));
        _compute.Dispose();
    }

    internal sealed record Member(Replica Replica, UpdateShelf Updates, StepRunner Runner, Communicator Group)
        : IDisposable
    {
        public void Dispose()
        {
            Runner.Dispose();
            Updates.Dispose();
            Replica.Dispose();
        }
    }
}
