namespace Colony.Torch;

/// <summary>Native tensors that C# holds, counted where they are made and freed: what tests and metrics read.</summary>
public static class TensorCounters
{
    /// <summary>Handed out and not yet freed.</summary>
    public static long Live => Read().Live;

    /// <summary>The greatest number alive at one time since the start or <see cref="ResetPeak"/>.</summary>
    public static long Peak => Read().Peak;

    /// <summary>Sets the peak to the number alive now.</summary>
    public static void ResetPeak() => Native.Check(Native.colony_tensor_counters_reset_peak());

    private static (long Live, long Peak) Read()
    {
        Native.Check(Native.colony_tensor_counters(out var live, out var peak));
        return (live, peak);
    }
}
