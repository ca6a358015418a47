namespace Colony.Model;

/// <summary>Builds schedules from options.</summary>
public static class Schedules
{
    /// <summary>The schedule that the options describe.</summary>
    /// <exception cref="ArgumentException">The options name an unknown decay or warm-up.</exception>
    public static ISchedule Create(ScheduleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.DecayLength, 1);
        Func<Position, double> decay = options.Decay switch
        {
            "constant" => _ => options.LearningRate,
            "plateau" => at => at.Reached ?? options.LearningRate,
            "step" => at => options.LearningRate * Math.Pow(options.Gamma, at.Unit / options.DecayLength),
            "milestones" => at =>
                options.LearningRate * Math.Pow(options.Gamma, options.Milestones.Count(epoch => epoch <= at.Epoch)),
            "cosine" => at => Cosine(options, at.Unit, at.Length),
            "cosine_restarts" => at => CosineRestarts(options, at.Step, at.PerEpoch),
            "warm_restarts" => at => Cosine(options, at.Unit % at.Length, at.Length),
            "linear" => at => options.MinimumRate
                + ((options.LearningRate - options.MinimumRate)
                    * Math.Max(0, at.Steps - at.StepsIn) / Math.Max(1, at.Steps)),
            "one_cycle" => at => OneCycle(options, at.StepsIn, at.Steps),
            _ => throw new ArgumentException($"Unknown decay '{options.Decay}'.", nameof(options)),
        };
        if (options.Warmup is not ("damped" or "linear"))
        {
            throw new ArgumentException($"Unknown warm-up '{options.Warmup}'.", nameof(options));
        }

        return new Schedule(decay, options);
    }

    /// <summary>CosineAnnealingLR: the rate in force after <paramref name="at"/> of <paramref name="half"/>
    /// periods.</summary>
    private static double Cosine(ScheduleOptions options, long at, long half) =>
        options.MinimumRate
        + ((options.LearningRate - options.MinimumRate) * (1 + Math.Cos(Math.PI * (at % (2 * half)) / half)) / 2);

    /// <summary>kaylode's "cosine2": the published scheduler is stepped once when it is made, so the rate of step t ≥
    /// 1 is that of t + 1, and the base rate comes twice (models.md 1C).</summary>
    private static double CosineRestarts(ScheduleOptions options, long step, long perEpoch) =>
        step == 0 ? options.LearningRate : Cosine(options, (step + 1) % perEpoch, perEpoch);

    /// <summary>OneCycleLR with its cosines; after its interval the lowest rate stays.</summary>
    private static double OneCycle(ScheduleOptions options, long at, long steps)
    {
        var start = options.LearningRate / options.StartDivisor;
        var (peak, last) = ((options.PeakAt * steps) - 1, (double)(steps - 1));
        return at <= peak && peak > 0
            ? Between(start, options.LearningRate, at / peak)
            : Between(
                options.LearningRate, start / options.EndDivisor,
                Math.Clamp((at - peak) / Math.Max(1, last - peak), 0, 1));

        static double Between(double from, double to, double share) =>
            to + ((from - to) / 2 * (Math.Cos(Math.PI * share) + 1));
    }

    /// <summary>Where a step lies.</summary>
    /// <param name="Step">The step itself.</param>
    /// <param name="PerEpoch">Steps of an epoch.</param>
    /// <param name="Epoch">Its epoch.</param>
    /// <param name="Unit">Steps or epochs of the decay so far.</param>
    /// <param name="Length">The decay's interval in the same units.</param>
    /// <param name="StepsIn">Steps of the decay so far.</param>
    /// <param name="Steps">The decay's interval in steps.</param>
    private readonly record struct Position(
        long Step, long PerEpoch, long Epoch, long Unit, long Length, long StepsIn, long Steps)
    {
        /// <summary>The base rate that plateaus have left.</summary>
        public double? Reached { get; init; }
    }

    private sealed class Schedule(Func<Position, double> decay, ScheduleOptions options) : ISchedule
    {
        private readonly bool linear = options.Warmup == "linear";

        public double LearningRate(long step, long stepsPerEpoch, double? reached)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(step);
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stepsPerEpoch);
            return decay(At(step, stepsPerEpoch) with { Reached = reached }) * Warmup(step);
        }

        private double Warmup(long step)
        {
            var parts = linear ? step : step + 2;
            return parts >= options.WarmupSteps ? 1 : parts / (double)options.WarmupSteps;
        }

        private Position At(long step, long perEpoch)
        {
            var before = linear ? options.WarmupSteps : 0;
            var whole = options.DecayBySteps ? options.DecayLength : options.DecayLength * perEpoch;
            var (stepsIn, steps) = (Math.Max(0, step - before), Math.Max(1, whole - before));
            return options.DecayBySteps
                ? new Position(step, perEpoch, step / perEpoch, stepsIn, steps, stepsIn, steps)
                : new Position(
                    step, perEpoch, step / perEpoch, step / perEpoch, options.DecayLength, stepsIn, steps);
        }
    }
}
