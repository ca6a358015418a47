using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Colony.Storage;

/// <summary>What Linux is told of pages of a mapped file.</summary>
internal static partial class PageAdvice
{
    private const int AdviceWillNeed = 3; // MADV_WILLNEED of madvise(2)

    /// <summary>Says that pages will be read soon. A kernel that does not care is no error.</summary>
    public static void WillNeed(SafeMemoryMappedViewHandle view, long offset, long length)
    {
        var added = false;
        try
        {
            view.DangerousAddRef(ref added);
            var page = (nuint)Environment.SystemPageSize;
            var begin = (nuint)view.DangerousGetHandle() + (nuint)offset;
            var end = begin + (nuint)length;
            begin -= begin % page;
            _ = Advise(begin, end - begin, AdviceWillNeed);
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
