using Colony.Coordinator;
using Colony.Telemetry;

namespace Colony.Cli.Running;

/// <summary>
/// Keeps the roles of a local run alive: one that dies is started again, one that cannot start ends the run with its
/// own
/// reason.
/// </summary>
internal sealed class Supervisor(
    CoordinatorHost host, EventLog events, Func<string, ChildProcess> start, TimeProvider time)
{
    /// <summary>Restarts of one role in a row before the run is given up.</summary>
    private const int MaxRestarts = 10;

    /// <summary>A role that lasted so long did start; its restarts are counted anew.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    /// <summary>Runs a role until the run is over.</summary>
    /// <param name="name">The role's name.</param>
    /// <param name="needed">Whether the run cannot do without it.</param>
    public async Task KeepAsync(string name, bool needed)
    {
        for (int restarts = 0; ; restarts++)
        {
            await using ChildProcess child = start(name);
            long began = time.GetTimestamp();
            events.Write("process_started", ("process", name), ("pid", child.Id));
            await Task.WhenAny(child.Exited, host.Ended).ConfigureAwait(false);
            if (host.Ended.IsCompleted)
            {
                return;
            }

            int code = await child.Exited.ConfigureAwait(false);
            events.Write("process_ended", ("process", name), ("exit_code", code), ("reason", child.Reason));
            if (code == 0)
            {
                return;
            }

            restarts = time.GetElapsedTime(began) > Settled ? 0 : restarts;
            if (code == CommandLine.UsersFault || restarts >= MaxRestarts)
            {
                if (needed)
                {
                    host.Fail($"{name} cannot start: {child.Reason}");
                }

                return;
            }

            await Task.WhenAny(Task.Delay(RestartDelay, time), host.Ended).ConfigureAwait(false);
            if (host.Ended.IsCompleted)
            {
                return;
            }
        }
    }
}
