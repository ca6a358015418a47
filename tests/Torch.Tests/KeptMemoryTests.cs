using System.Globalization;

namespace Colony.Torch.Tests;

/// <summary>Memory that tensors give back and the process keeps.</summary>
public sealed class KeptMemoryTests
{
    private const int PageBytes = 4096;

    /// <summary>48 MiB: more than the C library takes from a heap untold, less than a thread's heap may hold.</summary>
    private const long Elements = 12 << 20;

    /// <summary>Tests beside this one may take what was given back, or leave no room; they do not do so each
    /// time.</summary>
    private const int Tries = 20;

    [Fact]
    public void A_large_tensor_takes_the_memory_that_the_one_before_it_gave_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only GNU's C library takes orders to keep memory");
        var threads = torch.get_num_threads();
        torch.set_num_threads(1);
        try
        {
            Assert.True(torch.keep_freed_memory());
            Fill();
            var fewest = Enumerable.Range(0, Tries).Min(_ =>
            {
                var before = FaultsOfThisThread();
                Fill();
                return FaultsOfThisThread() - before;
            });
            Assert.InRange(fewest, 0, Elements * sizeof(float) / PageBytes / 8);
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
