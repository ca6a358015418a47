using System.ComponentModel;
using Colony.Coordinator;
using Colony.Orchestration;
using Colony.Telemetry;

namespace Colony.Cli.Running;

/// <summary>
/// Keeps the roles of a local run alive: one that dies is started again, one that cannot start ends the run with its
/// own reason. For what one cannot reach at present the run waits.
/// </summary>
internal sealed class Supervisor(
    CoordinatorHost host, EventLog events, Func<string, ChildProcess> start, TimeProvider time)
{
    /// <summary>Restarts of one role in a row before the run is given up.</summary>
    private const int MaxRestarts = 10;

    /// <summary>Exit code of a process that the system would not start.</summary>
    private const int Unstarted = -1;

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
            long began = time.GetTimestamp();
            if (await LifeAsync(name).ConfigureAwait(false) is not (int code, string reason))
            {
                return;
            }

            events.Write("process_ended", ("process", name), ("exit_code", code), ("reason", reason));
            if (code is 0 or WorkerCore.ExitRunFailed)
            {
                return;
            }

            restarts = time.GetElapsedTime(began) > Settled || code == CommandLine.Unreachable ? 0 : restarts;
            if (code == CommandLine.UsersFault || restarts >= MaxRestarts)
            {
                if (needed)
                {
                    host.Fail($"{name} cannot start: {reason}");
                }

                return;
            }

            ProgressView.Say($"{name} ended with {code} and is started again: {reason}");
            await Task.WhenAny(Task.Delay(RestartDelay, time), host.Ended).ConfigureAwait(false);
            if (host.Ended.IsCompleted)
            {
                return;
            }
        }
    }

    // Null: the run ended first. Memory, processes or disk that have run out may be there again in a second.
    private async Task<(int Code, string Reason)?> LifeAsync(string name)
    {
        try
        {
            await using ChildProcess child = start(name);
            events.Write("process_started", ("process", name), ("pid", child.Id));
            await Task.WhenAny(child.Exited, host.Ended).ConfigureAwait(false);
            return host.Ended.IsCompleted ? null : (await child.Exited.ConfigureAwait(false), child.Reason);
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return (Unstarted, failure.Message);
        }
    }
}
