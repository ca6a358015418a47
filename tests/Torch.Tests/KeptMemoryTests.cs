using System.Globalization;

namespace Colony.Torch.Tests;

/// <summary>
/// Memory that tensors give back and the process keeps. Alone: a test beside it may take what was given back.
/// </summary>
[Collection(nameof(KeptMemoryTests))]
[CollectionDefinition(nameof(KeptMemoryTests), DisableParallelization = true)]
public sealed class KeptMemoryTests
{
    private const int PageBytes = 4096;

    /// <summary>48 MiB: more than the C library takes from a heap untold, less than a thread's heap may hold.</summary>
    private const long Elements = 12 << 20;

    /// <summary>
    /// Aligned blocks are asked for a little larger than they are: one that was given back fits the next only once it
    /// has grown together with its neighbours.
    /// </summary>
    private const int UntilSettled = 20;

    [Fact]
    public void A_large_tensor_takes_the_memory_that_those_before_it_gave_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only GNU's C library takes orders to keep memory");
        var threads = torch.get_num_threads();
        torch.set_num_threads(1);
        try
        {
            Assert.True(torch.keep_freed_memory());
            for (var i = 0; i < UntilSettled; i++)
            {
                Fill();
            }

            var before = FaultsOfThisThread();
            Fill();
            Assert.InRange(FaultsOfThisThread() - before, 0, Elements * sizeof(float) / PageBytes / 8);
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }

    private static void Fill() => torch.ones([Elements]).Dispose();

    /// <summary>Pages that the system had to bring for this thread; field 10 of proc_pid_stat(5).</summary>
    private static long FaultsOfThisThread()
    {
        var stat = File.ReadAllText("/proc/thread-self/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[7], CultureInfo.InvariantCulture);
    }
}
