using System.Runtime.InteropServices;

namespace Colony.Worker;

/// <summary>What faults do to a process.</summary>
internal interface IFaultActions
{
    /// <summary>Ends it without a word.</summary>
    void Kill();

    /// <summary>Halts all of it until it is continued from outside.</summary>
    void Stop();

    /// <summary>Holds the calling thread up.</summary>
    void Delay(TimeSpan time);
}

/// <summary>The real ones, by signals to itself.</summary>
internal sealed partial class ProcessFaults : IFaultActions
{
    // The same numbers on every Linux that .NET runs on.
    private const int Kill9 = 9;
    private const int Stop19 = 19;

    public void Kill() => Send(Kill9);

    public void Stop() => Send(Stop19);

    // A slow device: its thread is busy, and nothing else can be done on it meanwhile.
    public void Delay(TimeSpan time) => Thread.Sleep(time);

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
