using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>The learning rate of a job: a base rate, how it falls, and a warm-up.</summary>
public sealed record ScheduleOptions
{
    /// <summary>The base rate. TERN trains with 2e-6 (BERT inside), kaylode's TERN with 1e-3.</summary>
    [Range(0.0, 10.0)]
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>How the rate falls, an interval being <see cref="DecayLength"/>: <c>constant</c>; <c>step</c>, times
    /// <see cref="Gamma"/> after every interval; <c>milestones</c>, times gamma when each of <see cref="Milestones"/>
    /// begins; <c>cosine</c>, half a cosine over an interval and back; <c>cosine_restarts</c>, half a cosine over every
    /// epoch, as kaylode's TERN has it; <c>warm_restarts</c>, half a cosine over every interval (Loshchilov and Hutter
    /// 2017); <c>linear</c>, straight to the lowest rate over one interval; <c>one_cycle</c>, up and down again in half
    /// cosines over one interval (Smith and Topin 2018); <c>plateau</c>, when the training loss stops falling
    /// (<see cref="PlateauState"/>).</summary>
    [AllowedValues(
        "constant", "step", "milestones", "cosine", "cosine_restarts", "warm_restarts", "linear", "one_cycle",
        "plateau")]
    public string Decay { get; init; } = "step";

    /// <summary>The interval, in epochs unless <see cref="DecayBySteps"/>.</summary>
    [Range(1, 100_000_000)]
    public int DecayLength { get; init; } = 30;

    /// <summary>The interval counts steps, and the rate is set every step; otherwise epochs, and the rate stays through
    /// each of them, save for <c>linear</c> and <c>one_cycle</c>, which always go by steps.</summary>
    public bool DecayBySteps { get; init; }

    /// <summary>The factor of one fall.</summary>
    [Range(0.0, 1.0)]
    public double Gamma { get; init; } = 0.1;

    /// <summary>The epochs (from 0) at whose beginning <c>milestones</c> lets the rate fall.</summary>
    public IReadOnlyList<int> Milestones { get; init; } = [];

    /// <summary>The lowest rate of the cosines and of <c>linear</c>.</summary>
    [Range(0.0, 10.0)]
    public double MinimumRate { get; init; }

    /// <summary>Steps of warm-up; 0: none.</summary>
    [Range(0, 100_000_000)]
    public int WarmupSteps { get; init; }

    /// <summary>How step i of the warm-up multiplies the rate: <c>damped</c>, by min(1, (i + 2) / warmup_steps), as
    /// TERN's training does (pytorch-warmup dampens once when it is made, so the first step already has two parts);
    /// <c>linear</c>, by i / warmup_steps, as the transformers library does, and a decay that goes by steps begins only
    /// after it.</summary>
    [AllowedValues("damped", "linear")]
    public string Warmup { get; init; } = "damped";

    /// <summary>Where in its interval <c>one_cycle</c> is at its base rate.</summary>
    [Range(0.0, 1.0)]
    public double PeakAt { get; init; } = 0.3;

    /// <summary>What the base rate is divided by at the start of <c>one_cycle</c>.</summary>
    [Range(1.0, 1e9)]
    public double StartDivisor { get; init; } = 25;

    /// <summary>What the starting rate is divided by at the end of <c>one_cycle</c>.</summary>
    [Range(1.0, 1e9)]
    public double EndDivisor { get; init; } = 1e4;
}
