namespace Colony.Model;

/// <summary>When a rate that falls on plateaus falls: PyTorch's ReduceLROnPlateau, on a metric that should
/// shrink.</summary>
/// <param name="Patience">Epochs without progress that are let pass.</param>
/// <param name="Threshold">What counts as progress: the metric falls below the best so far by more than this.</param>
/// <param name="Relative">The threshold is a share of the best so far, not an amount.</param>
/// <param name="Factor">What the rate is multiplied by.</param>
/// <param name="MinimumRate">The lowest rate.</param>
public readonly record struct PlateauRule(
    int Patience, double Threshold, bool Relative, double Factor, double MinimumRate);

/// <summary>
/// What a rate that falls on plateaus has come to. Its metric is the mean training loss of an epoch over its samples,
/// which is the same number on every worker; evaluations run beside the training and end at no certain step.
/// </summary>
/// <param name="Rate">The rate in force, before any warm-up.</param>
/// <param name="Best">The lowest metric so far.</param>
/// <param name="Waited">Epochs without progress since the last.</param>
/// <param name="Loss">Sum of loss times samples over the steps of this epoch.</param>
/// <param name="Samples">Samples of these steps.</param>
public readonly record struct PlateauState(double Rate, double Best, double Waited, double Loss, double Samples)
{
    // ReduceLROnPlateau's eps: a fall by less is none.
    private const double LeastFall = 1e-8;

    /// <summary>Numbers in <see cref="CopyTo"/>.</summary>
    public const int Length = 5;

    /// <summary>Before the first step.</summary>
    public static PlateauState First(double rate) => new(rate, double.PositiveInfinity, 0, 0, 0);

    /// <summary>Reads what <see cref="CopyTo"/> wrote.</summary>
    public static PlateauState From(ReadOnlySpan<double> numbers) =>
        new(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);

    /// <summary>Writes all of it as <see cref="Length"/> numbers.</summary>
    public void CopyTo(Span<double> numbers) =>
        (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]) = (Rate, Best, Waited, Loss, Samples);

    /// <summary>After a step.</summary>
    /// <param name="loss">Its loss; one that is not finite is left out.</param>
    /// <param name="samples">Samples of its batch.</param>
    /// <param name="endsEpoch">Whether it is the last of its epoch.</param>
    /// <param name="rule">When the rate falls.</param>
    public PlateauState After(double loss, int samples, bool endsEpoch, PlateauRule rule)
    {
        var seen = double.IsFinite(loss)
            ? this with { Loss = Loss + (loss * samples), Samples = Samples + samples }
            : this;
        return endsEpoch && seen.Samples > 0 ? seen.Measured(seen.Loss / seen.Samples, rule) : seen;
    }

    private PlateauState Measured(double metric, PlateauRule rule)
    {
        var wanted = rule.Relative ? Best * (1 - rule.Threshold) : Best - rule.Threshold;
        if (metric < wanted)
        {
            return new(Rate, metric, 0, 0, 0);
        }

        if (Waited < rule.Patience)
        {
            return new(Rate, Best, Waited + 1, 0, 0);
        }

        var lower = Math.Max(Rate * rule.Factor, rule.MinimumRate);
        return new(Rate - lower > LeastFall ? lower : Rate, Best, 0, 0, 0);
    }
}
