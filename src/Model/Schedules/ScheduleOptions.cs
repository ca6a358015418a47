using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>The learning rate of a job: a base rate, how it falls, and a warm-up that multiplies it.</summary>
public sealed record ScheduleOptions
{
    /// <summary>The base rate. TERN trains with 2e-6 (BERT inside), kaylode's TERN with 1e-3.</summary>
    [Range(0.0, 10.0)]
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>How the rate falls: <c>constant</c>; <c>step</c>, times <see cref="Gamma"/> every
    /// <see cref="DecayEpochs"/> epochs; <c>milestones</c>, times gamma when each of <see cref="Milestones"/> begins;
    /// <c>cosine</c>, half a cosine over decay epochs and back, set once an epoch; <c>cosine_restarts</c>, half a
    /// cosine over every epoch, set every step.</summary>
    [AllowedValues("constant", "step", "milestones", "cosine", "cosine_restarts")]
    public string Decay { get; init; } = "step";

    /// <summary>Epochs between two falls of <c>step</c>; the half period of <c>cosine</c>.</summary>
    [Range(1, 1_000_000)]
    public int DecayEpochs { get; init; } = 30;

    /// <summary>The factor of one fall.</summary>
    [Range(0.0, 1.0)]
    public double Gamma { get; init; } = 0.1;

    /// <summary>The epochs (from 0) at whose beginning <c>milestones</c> lets the rate fall.</summary>
    public IReadOnlyList<int> Milestones { get; init; } = [];

    /// <summary>The lowest rate of the cosines.</summary>
    [Range(0.0, 10.0)]
    public double MinimumRate { get; init; }

    /// <summary>Steps of linear warm-up; step i is multiplied by min(1, (i + 2) / warmup_steps), as TERN's training
    /// does (pytorch-warmup dampens once when it is made, so the first step already has two parts). 0: none.</summary>
    [Range(0, 100_000_000)]
    public int WarmupSteps { get; init; }
}
