namespace Colony.Orchestration;

/// <summary>
/// The numbers of a run that never change while it runs; steps count from 1, step 0 is the initial state.
/// </summary>
/// <param name="Samples">Samples in the training split.</param>
/// <param name="BatchSize">Samples in a global batch, B.</param>
/// <param name="LogicalRanks">Slices of a global batch, L.</param>
/// <param name="Epochs">Passes over the data.</param>
/// <param name="MaxSteps">An upper bound on the steps, or null for none.</param>
public sealed record RunGeometry(long Samples, int BatchSize, int LogicalRanks, int Epochs, long? MaxSteps)
{
    /// <summary>Steps of one epoch; the last one may be short.</summary>
    public long StepsPerEpoch => (Samples + BatchSize - 1) / BatchSize;

    /// <summary>The last step of the run.</summary>
    public long FinalStep => Math.Min(Epochs * StepsPerEpoch, MaxSteps ?? long.MaxValue);

    /// <summary>The epoch, from 0, that <paramref name="step"/> belongs to.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is below 1.</exception>
    public long EpochOf(long step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        return (step - 1) / StepsPerEpoch;
    }

    /// <summary>How many samples <paramref name="step"/> consumes: B, or what is left of the epoch.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is below 1.</exception>
    public long SamplesOf(long step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        long within = (step - 1) % StepsPerEpoch;
        return Math.Min(BatchSize, Samples - (within * BatchSize));
    }

    /// <summary>
    /// Samples that steps 1 to <paramref name="step"/> must have consumed of <paramref name="epoch"/>.
    /// </summary>
    public long ExpectedInEpoch(long epoch, long step)
    {
        long stepsInEpoch = Math.Clamp(step - (epoch * StepsPerEpoch), 0, StepsPerEpoch);
        return Math.Min(stepsInEpoch * BatchSize, Samples);
    }
}
