using System.Runtime.InteropServices;

namespace Colony.Evaluator;

/// <summary>
/// The functions of <c>native/colony_faiss.h</c>, one to one. Every one that can fail returns an error or zero.
/// </summary>
internal static unsafe partial class FaissNative
{
    public const string Library = "colony_faiss";

    [LibraryImport(Library, EntryPoint = "colony_faiss_error_text")]
    public static partial byte* ErrorText(nint error);

    [LibraryImport(Library, EntryPoint = "colony_faiss_error_free")]
    public static partial void ErrorFree(nint error);

    [LibraryImport(Library, EntryPoint = "colony_faiss_version")]
    public static partial nint Version(out int version);

    [LibraryImport(Library, EntryPoint = "colony_faiss_open_flat")]
    public static partial nint OpenFlat(int dimension, out FaissHandle index);

    [LibraryImport(Library, EntryPoint = "colony_faiss_open_hnsw")]
    public static partial nint OpenHnsw(
        int dimension, int links, int buildWidth, int searchWidth, out FaissHandle index);

    [LibraryImport(Library, EntryPoint = "colony_faiss_open_ivf")]
    public static partial nint OpenIvf(int dimension, int lists, int probes, out FaissHandle index);

    [LibraryImport(Library, EntryPoint = "colony_faiss_close")]
    public static partial void Close(nint index);

    [LibraryImport(Library, EntryPoint = "colony_faiss_count")]
    public static partial nint Count(FaissHandle index, out long count);

    [LibraryImport(Library, EntryPoint = "colony_faiss_add")]
    public static partial nint Add(FaissHandle index, long count, float* vectors, int threads);

    [LibraryImport(Library, EntryPoint = "colony_faiss_search")]
    public static partial nint Search(
        FaissHandle index, long count, float* queries, int top, float* scores, long* ids, int threads);

    /// <summary>Turns an error into an exception and gives it back to the library; zero passes.</summary>
    public static void Check(nint error)
    {
        if (error == 0)
        {
            return;
        }

        var text = Marshal.PtrToStringUTF8((nint)ErrorText(error)) ?? "no text";
        ErrorFree(error);
        throw new EvaluatorException($"FAISS: {text}");
    }
}

/// <summary>Owns one native index.</summary>
internal sealed class FaissHandle : SafeHandle
{
    public FaissHandle()
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        FaissNative.Close(handle);
        return true;
    }
}
