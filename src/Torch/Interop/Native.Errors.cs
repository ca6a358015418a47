using System.Runtime.InteropServices;

namespace Colony.Torch;

internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial nint colony_error_message(nint error);

    [LibraryImport(Library)]
    internal static partial void colony_error_free(nint error);
}
