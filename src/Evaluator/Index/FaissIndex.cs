using Colony.Jobs;

namespace Colony.Evaluator;

/// <summary>
/// An index over inner products by FAISS (Johnson, Douze, Jégou, 2017). Of equal scores any may come first.
/// </summary>
public sealed class FaissIndex : IRetrievalIndex
{
    // The values of FAISS's own examples: good recall at the sizes that validation splits have.
    private const int HnswLinks = 32;
    private const int HnswBuildWidth = 200;
    private const int HnswSearchWidth = 128;

    // k-means wants at least this many vectors a centre; an eighth of the lists is looked at.
    private const int VectorsPerList = 39;
    private const int MaximumLists = 1 << 16;
    private const int ListsPerProbe = 8;
    private const int MinimumProbes = 4;

    private readonly FaissHandle _handle;
    private readonly int _threads;

    private FaissIndex(FaissHandle handle, int dimension, int threads)
    {
        _handle = handle;
        _threads = threads;
        Dimension = dimension;
    }

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <inheritdoc/>
    public long Count
    {
        get
        {
            FaissNative.Check(FaissNative.Count(_handle, out var count));
            return count;
        }
    }

    /// <summary>The version of FAISS that is linked in, for instance 1.7.3.</summary>
    public static Version LibraryVersion
    {
        get
        {
            FaissNative.Check(FaissNative.Version(out var version));
            return new Version(version / 10_000, version / 100 % 100, version % 100);
        }
    }

    /// <summary>An empty index.</summary>
    /// <param name="kind">Exact or one of the approximate structures.</param>
    /// <param name="dimension">Values in one embedding, 1 to 65536.</param>
    /// <param name="expected">About how many embeddings will be added; places the lists of <see cref="IndexKind.Ivf"/>,
    /// whose first <see cref="Add"/> should bring most of them because it also places the centres.</param>
    /// <param name="threads">Threads that one call may use, 1 to 1024.</param>
    /// <exception cref="EvaluatorException">FAISS refuses.</exception>
    public static FaissIndex Create(IndexKind kind, int dimension, int expected, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(expected);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var lists = Math.Clamp(
            Math.Min((int)(4 * Math.Sqrt(expected)), expected / VectorsPerList), 1, MaximumLists);
        FaissHandle handle;
        FaissNative.Check(kind switch
        {
            IndexKind.Flat => FaissNative.OpenFlat(dimension, out handle),
            IndexKind.Hnsw => FaissNative.OpenHnsw(dimension, HnswLinks, HnswBuildWidth, HnswSearchWidth, out handle),
            IndexKind.Ivf => FaissNative.OpenIvf(dimension, lists, Probes(lists), out handle),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such index"),
        });
        return new FaissIndex(handle, dimension, threads);
    }

    /// <inheritdoc/>
    public unsafe void Add(ReadOnlySpan<float> vectors)
    {
        var count = Rows.Count(vectors, Dimension, nameof(vectors));
        if (count == 0)
        {
            return;
        }

        fixed (float* first = vectors)
        {
            FaissNative.Check(FaissNative.Add(_handle, count, first, _threads));
        }
    }

    /// <inheritdoc/>
    public unsafe SearchResults Search(ReadOnlySpan<float> queries, int top)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        var count = Rows.Count(queries, Dimension, nameof(queries));
        var results = new SearchResults(count, top);
        if (count == 0)
        {
            return results;
        }

        if (Count == 0)
        {
            Array.Fill(results.AllIds, -1);
            return results;
        }

        fixed (float* first = queries)
        fixed (float* scores = results.AllScores)
        fixed (long* ids = results.AllIds)
        {
            FaissNative.Check(FaissNative.Search(_handle, count, first, top, scores, ids, _threads));
        }

        return results;
    }

    /// <summary>Frees the native index.</summary>
    public void Dispose() => _handle.Dispose();

    private static int Probes(int lists) => Math.Min(lists, Math.Max(MinimumProbes, lists / ListsPerProbe));
}
