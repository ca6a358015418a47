using Colony.Jobs;
using Colony.Model;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>What a job's <c>train</c> section says, in the words of the models' room.</summary>
internal static class TrainOptions
{
    /// <summary>The optimizer of a job.</summary>
    public static IOptimizer Optimizer(
        TrainSection train, IReadOnlyList<(string Name, Tensor Parameter)> parameters, ParameterGroups groups)
    {
        object options = train.Optimizer == OptimizerKind.Sgd
            ? new SgdOptions
            {
                Momentum = train.Momentum,
                Dampening = train.Dampening,
                Nesterov = train.Nesterov,
                WeightDecay = train.WeightDecay,
            }
            : new AdamOptions
            {
                Beta1 = train.Beta1,
                Beta2 = train.Beta2,
                Epsilon = train.Epsilon,
                WeightDecay = train.WeightDecay,
                Decoupled = train.Optimizer == OptimizerKind.Adamw,
            };
        return Optimizers.Create(
            [.. parameters, .. parameters.Where(p => groups.IsTwice(p.Name))],
            options,
            name => groups.WeightDecay(name, train.WeightDecay));
    }

    /// <summary>The learning rates of a job.</summary>
    public static ISchedule Schedule(TrainSection train) => Schedules.Create(new ScheduleOptions
    {
        LearningRate = train.LearningRate,
        Decay = DecayOf(train),
        DecayLength = Math.Max(1, train.DecaySteps > 0 ? train.DecaySteps : train.DecayEveryEpochs),
        DecayBySteps = train.DecaySteps > 0,
        Gamma = train.DecayFactor,
        Milestones = train.Milestones,
        MinimumRate = train.MinimumRate,
        WarmupSteps = train.WarmupSteps,
        Warmup = train.Warmup == WarmupKind.Linear ? "linear" : "damped",
        PeakAt = train.PeakAt,
        StartDivisor = train.StartDivisor,
        EndDivisor = train.EndDivisor,
    });

    /// <summary>When the rate of <c>decay: plateau</c> falls.</summary>
    public static PlateauRule Plateau(TrainSection train) =>
        new(train.Patience, train.Threshold, Relative: true, train.DecayFactor, train.MinimumRate);

    /// <summary>The groups of a job's parameters.</summary>
    /// <exception cref="ArgumentException">A pattern fits no parameter that is left.</exception>
    public static ParameterGroups Groups(TrainSection train, IReadOnlyCollection<string> names)
    {
        try
        {
            return new ParameterGroups(
                [
                    .. train.Groups.Select(group => new ParameterGroup(group.Match)
                    {
                        Rate = group.Rate,
                        WeightDecay = group.WeightDecay,
                        FrozenEpochs = group.Frozen ? null : group.FrozenEpochs,
                        WarmupSteps = group.WarmupSteps,
                        Twice = group.Twice,
                    }),
                ],
                names);
        }
        catch (ArgumentException unfit)
        {
            throw new ArgumentException($"train.groups: {unfit.Message}", nameof(train), unfit);
        }
    }

    private static string DecayOf(TrainSection train) => train.Decay switch
    {
        DecayKind.Step => train.DecayEveryEpochs > 0 || train.DecaySteps > 0 ? "step" : "constant",
        DecayKind.Milestones => "milestones",
        DecayKind.Cosine => "cosine",
        DecayKind.CosineRestarts => "cosine_restarts",
        DecayKind.WarmRestarts => "warm_restarts",
        DecayKind.Linear => "linear",
        DecayKind.OneCycle => "one_cycle",
        DecayKind.Plateau => "plateau",
        _ => throw new ArgumentOutOfRangeException(nameof(train), train.Decay, "is no decay"),
    };
}
