using System.Runtime.InteropServices;

namespace Colony.Faults;

/// <summary>What faults do to a process.</summary>
public interface IFaultActions
{
    /// <summary>Ends it without a word.</summary>
    /// <param name="place">Where it came to.</param>
    /// <param name="step">In which step.</param>
    void Kill(string place, long step);

    /// <summary>Halts all of it until it is continued from outside.</summary>
    /// <param name="place">Where it came to.</param>
    /// <param name="step">In which step.</param>
    void Stop(string place, long step);

    /// <summary>Holds the calling thread up.</summary>
    /// <param name="place">Where it came to.</param>
    /// <param name="step">In which step.</param>
    /// <param name="time">For how long.</param>
    void Delay(string place, long step, TimeSpan time);
}

/// <summary>The real ones, by signals to itself.</summary>
/// <param name="say">Takes one line before the fault, written out when it returns.</param>
public sealed partial class ProcessFaults(Action<string> say) : IFaultActions
{
    // The same numbers on every Linux that .NET runs on.
    private const int Kill9 = 9;
    private const int Stop19 = 19;

    /// <inheritdoc/>
    public void Kill(string place, long step)
    {
        say($"fault: kill@{place} at step {step}");
        Send(Kill9);
    }

    /// <inheritdoc/>
    public void Stop(string place, long step)
    {
        say($"fault: stop@{place} at step {step}");
        Send(Stop19);
    }

    /// <inheritdoc/>
    public void Delay(string place, long step, TimeSpan time)
    {
        say(FormattableString.Invariant($"fault: delay={time.TotalMilliseconds}@{place} at step {step}"));

        // A slow device: its thread is busy, and nothing else can be done on it meanwhile.
        Thread.Sleep(time);
    }

    private static void Send(int signal)
    {
        if (Signal(Environment.ProcessId, signal) != 0)
        {
            throw new InvalidOperationException(
                $"signal {signal} cannot be sent to this process: error {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}
