namespace Colony.Collective;

/// <summary>
/// Cuts a stream of runs into W segments of nearly equal bytes and those into chunks. Pure: every member makes the same
/// cuts, because all have runs of the same lengths and widths.
/// </summary>
internal static class SegmentCut
{
    /// <summary>Cuts inside a run fall on multiples of this, so that elements stay whole and vector loops
    /// aligned.</summary>
    public const int Granule = 64;

    /// <summary>The pieces of each segment, none longer than a chunk or across two runs.</summary>
    public static List<IntegerRun>[] Cut(IReadOnlyList<IntegerRun> runs, int segments, int chunkBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(segments, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkBytes, Granule);
        long total = 0;
        foreach (var run in runs)
        {
            total += run.Memory.Length;
        }

        var result = new List<IntegerRun>[segments];
        for (var segment = 0; segment < segments; segment++)
        {
            result[segment] = [];
        }

        long position = 0;
        var current = 0;
        foreach (var run in runs)
        {
            var done = 0;
            while (done < run.Memory.Length)
            {
                while (current < segments - 1 && position >= End(total, segments, current))
                {
                    current++;
                }

                var take = Take(run.Memory.Length - done, End(total, segments, current) - position, chunkBytes);
                result[current].Add(run with { Memory = run.Memory.Slice(done, take) });
                done += take;
                position += take;
            }
        }

        return result;
    }

    private static long End(long total, int segments, int segment) =>
        (long)((Int128)total * (segment + 1) / segments);

    /// <summary>What remains of the run, but no more than a chunk, and no more than the segment wants (rounded
    /// up).</summary>
    private static int Take(int left, long wanted, int chunkBytes)
    {
        var whole = (wanted + Granule - 1) / Granule * Granule;
        return (int)Math.Min(Math.Min(left, whole), chunkBytes / Granule * Granule);
    }
}
