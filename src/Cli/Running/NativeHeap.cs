using System.Runtime.InteropServices;

namespace Colony.Cli.Running;

/// <summary>The C library's memory of a process that lives for weeks.</summary>
internal static partial class NativeHeap
{
    private const int ArenaMax = -8; // M_ARENA_MAX of mallopt(3)

    /// <summary>
    /// Lets threads that are still to come share one heap, where the C library is GNU's. It else makes up to eight
    /// heaps a core, and each keeps the most that its threads ever took at once, tensors or the just-in-time
    /// compiler's: processes grew by megabytes for as long as new threads came.
    /// </summary>
    public static void ShareAmongThreads()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetOption(ArenaMax, 1);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, whose threads share already.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
