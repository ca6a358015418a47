using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Colony.Storage;

/// <summary>What Linux is told of pages of a mapped file.</summary>
internal static partial class PageAdvice
{
    private const int AdviceWillNeed = 3; // MADV_WILLNEED of madvise(2)
    private const int AdvicePopulateRead = 22; // MADV_POPULATE_READ, since Linux 5.14

    /// <summary>Says that pages will be read soon. A kernel that does not care is no error.</summary>
    public static void WillNeed(SafeMemoryMappedViewHandle view, long offset, long length)
        => Advise(view, offset, length, AdviceWillNeed);

    /// <summary>Reads pages and waits for them. A kernel that cannot is no error, nor is a page that cannot be read:
    /// whoever touches it meets that.</summary>
    public static void Populate(SafeMemoryMappedViewHandle view, long offset, long length)
        => Advise(view, offset, length, AdvicePopulateRead);

    private static void Advise(SafeMemoryMappedViewHandle view, long offset, long length, int advice)
    {
        var added = false;
        try
        {
            view.DangerousAddRef(ref added);
            var page = (nuint)Environment.SystemPageSize;
            var begin = (nuint)view.DangerousGetHandle() + (nuint)offset;
            var end = begin + (nuint)length;
            begin -= begin % page;
            _ = Advise(begin, end - begin, advice);
        }
        finally
        {
            if (added)
            {
                view.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint address, nuint length, int advice);
}
