namespace Colony.Model;

/// <summary>Builds schedules from options.</summary>
public static class Schedules
{
    /// <summary>The schedule that the options describe.</summary>
    /// <exception cref="ArgumentException">The options name an unknown decay.</exception>
    public static ISchedule Create(ScheduleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Func<long, long, double> decay = options.Decay switch
        {
            "constant" => (_, _) => options.LearningRate,
            "step" => (step, perEpoch) =>
                options.LearningRate * Math.Pow(options.Gamma, step / perEpoch / options.DecayEpochs),
            "milestones" => (step, perEpoch) =>
                options.LearningRate * Math.Pow(options.Gamma, options.Milestones.Count(at => at <= step / perEpoch)),
            "cosine" => (step, perEpoch) => Cosine(options, step / perEpoch, options.DecayEpochs),
            "cosine_restarts" => (step, perEpoch) => CosineRestarts(options, step, perEpoch),
            _ => throw new ArgumentException($"Unknown decay '{options.Decay}'.", nameof(options)),
        };
        return new Schedule(decay, options.WarmupSteps);
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

    private sealed class Schedule(Func<long, long, double> decay, int warmupSteps) : ISchedule
    {
        public double LearningRate(long step, long stepsPerEpoch)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(step);
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stepsPerEpoch);
            var rate = decay(step, stepsPerEpoch);
            return step + 2 >= warmupSteps ? rate : rate * ((step + 2) / (double)warmupSteps);
        }
    }
}
