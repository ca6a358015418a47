using System.Runtime.InteropServices;

namespace Colony.Torch;

/// <summary>libtorch, under the names that Python and TorchSharp give it.</summary>
public static partial class torch
{
    /// <summary>The version of libtorch that the shim was compiled against.</summary>
    public static string __version__
    {
        get
        {
            Native.Check(Native.colony_version(out var text));
            return Marshal.PtrToStringUTF8(text) ?? "";
        }
    }

    /// <summary>The host.</summary>
    public static Device CPU => default;

    /// <summary>32-bit float.</summary>
    public const ScalarType float32 = ScalarType.Float32;

    /// <summary>64-bit float.</summary>
    public const ScalarType float64 = ScalarType.Float64;

    /// <summary>16-bit IEEE float.</summary>
    public const ScalarType float16 = ScalarType.Float16;

    /// <summary>16-bit float with the exponent of a 32-bit one.</summary>
    public const ScalarType bfloat16 = ScalarType.BFloat16;

    /// <summary>64-bit integer.</summary>
    public const ScalarType int64 = ScalarType.Int64;

    /// <summary>32-bit integer.</summary>
    public const ScalarType int32 = ScalarType.Int32;

    /// <summary>16-bit integer.</summary>
    public const ScalarType int16 = ScalarType.Int16;

    /// <summary>8-bit unsigned integer.</summary>
    public const ScalarType uint8 = ScalarType.Byte;

    /// <summary>Truth value.</summary>
    public const ScalarType @bool = ScalarType.Bool;

    /// <summary>Reads <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    public static Device device(string description) => Device.Parse(description);

    /// <summary>Opens a scope that disposes, at its end, the tensors made on this thread meanwhile.</summary>
    public static DisposeScope NewDisposeScope() => new();

    /// <summary>
    /// Seeds the default generators of all devices; they are shared by all threads of the process. The CPU's, a
    /// Mersenne twister, reads only the lower 32 bits: put what must differ there.
    /// </summary>
    public static void manual_seed(long seed) => Native.Check(Native.colony_manual_seed(unchecked((ulong)seed)));

    /// <summary>
    /// Sets the threads that one operation uses, for OpenMP and for OpenBLAS. It counts for this thread at once and for
    /// threads that have not yet computed; call it once, early. The number is part of the result's bits.
    /// </summary>
    public static void set_num_threads(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        Native.Check(Native.colony_set_num_threads(count));
    }

    /// <summary>The threads that one operation uses on this thread.</summary>
    public static int get_num_threads()
    {
        Native.Check(Native.colony_get_num_threads(out var count));
        return count;
    }

    /// <summary>The threads that one matrix product uses.</summary>
    public static int get_num_blas_threads()
    {
        Native.Check(Native.colony_get_num_blas_threads(out var count));
        return count;
    }

    /// <summary>
    /// Tells the C library to keep memory that tensors of the host give back, for the process's life. Otherwise each
    /// large tensor is fresh memory, which the system clears page by page: a quarter of a step of small models.
    /// A process then keeps the most it ever used. Tensors above 64 MB are fresh memory all the same on most threads,
    /// since the heap of a thread ends there.
    /// </summary>
    /// <returns>Whether the C library takes such orders; only GNU's does.</returns>
    public static bool keep_freed_memory()
    {
        Native.Check(Native.colony_keep_freed_memory(out var kept));
        return kept;
    }

    /// <summary>
    /// Makes libtorch choose kernels that give the same bits each time, or fail where there are none. Without it,
    /// gradients of indexing are added by several threads in any order.
    /// </summary>
    public static void use_deterministic_algorithms(bool mode) =>
        Native.Check(Native.colony_use_deterministic_algorithms(mode));

    /// <summary>NVIDIA devices.</summary>
    public static class cuda
    {
        /// <summary>Whether there is one and libtorch can use it.</summary>
        public static bool is_available()
        {
            Native.Check(Native.colony_cuda_is_available(out var available));
            return available;
        }

        /// <summary>How many there are.</summary>
        public static int device_count()
        {
            Native.Check(Native.colony_cuda_device_count(out var count));
            return count;
        }

        /// <summary>Waits until a device has done all it was given; -1 is the current one.</summary>
        public static void synchronize(int index = -1) => Native.Check(Native.colony_cuda_synchronize(index));
    }
}
