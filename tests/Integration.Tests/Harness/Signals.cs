using System.Runtime.InteropServices;

namespace Colony.Integration.Tests;

/// <summary>Signals as a shell sends them.</summary>
internal static partial class Signals
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    public static void Send(int process, int signal) =>
        Assert.True(Kill0(process, signal) == 0, $"no process {process} takes signal {signal}");

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill0(int process, int signal);
}
