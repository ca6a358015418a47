using System.Runtime.InteropServices;

namespace Colony.Torch;

internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial nint colony_version(out nint version);

    [LibraryImport(Library)]
    internal static partial nint colony_tensor_counters(out long live, out long peak);

    [LibraryImport(Library)]
    internal static partial nint colony_tensor_counters_reset_peak();

    [LibraryImport(Library)]
    internal static partial nint colony_manual_seed(ulong seed);

    [LibraryImport(Library)]
    internal static partial nint colony_set_num_threads(int count);

    [LibraryImport(Library)]
    internal static partial nint colony_get_num_threads(out int count);

    [LibraryImport(Library)]
    internal static partial nint colony_get_num_blas_threads(out int count);

    [LibraryImport(Library)]
    internal static partial nint colony_keep_freed_memory(out Flag kept);

    [LibraryImport(Library)]
    internal static partial nint colony_use_deterministic_algorithms(Flag mode);

    [LibraryImport(Library)]
    internal static partial nint colony_grad_mode_get(out Flag enabled);

    [LibraryImport(Library)]
    internal static partial nint colony_grad_mode_set(Flag enabled);

    [LibraryImport(Library)]
    internal static partial nint colony_cuda_is_available(out Flag available);

    [LibraryImport(Library)]
    internal static partial nint colony_cuda_device_count(out int count);

    [LibraryImport(Library)]
    internal static partial nint colony_cuda_synchronize(int deviceIndex);
}
