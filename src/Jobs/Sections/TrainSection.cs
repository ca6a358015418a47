using System.ComponentModel.DataAnnotations;

namespace Colony.Jobs;

/// <summary>The optimizers a job can name.</summary>
public enum OptimizerKind
{
    /// <summary>Adam (Kingma and Ba, 2015); its weight decay is added to the gradient.</summary>
    Adam,
}

/// <summary>What to do with a step whose reduced gradient holds an infinity or a NaN.</summary>
public enum NotFinitePolicy
{
    /// <summary>Leave the update out, on every worker alike, count it, and go on.</summary>
    Skip,

    /// <summary>End the job with an error that names the step.</summary>
    Stop,
}

/// <summary>How the weights are updated and for how long.</summary>
public sealed record TrainSection
{
    /// <summary>
    /// Passes over the training samples, at least 1; ends the job unless <see cref="MaxSteps"/> comes first.
    /// </summary>
    [Range(1, 1_000_000)]
    public int Epochs { get; init; } = 5;

    /// <summary>Steps after which the job ends even within an epoch; null: only <see cref="Epochs"/> counts.</summary>
    [Range(1, long.MaxValue)]
    public long? MaxSteps { get; init; }

    /// <summary>The optimizer.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>The base learning rate, before warm-up and decay.</summary>
    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Weight decay of the optimizer; 0 is off.</summary>
    [Range(0.0, 10.0)]
    public double WeightDecay { get; init; }

    /// <summary>Adam's decay of the first moment.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam's decay of the second moment.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Adam's addend to the denominator.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Largest Euclidean norm of the whole gradient; a longer one is scaled down to it. 0 is off.</summary>
    [Range(0.0, 1e9)]
    public double ClipNorm { get; init; } = 2.0;

    /// <summary>
    /// Steps over which the learning rate rises linearly to its base, as in TERN's training; 0 is off.
    /// </summary>
    [Range(0, 100_000_000)]
    public int WarmupSteps { get; init; }

    /// <summary>Every so many epochs the learning rate is multiplied by <see cref="DecayFactor"/>; 0 is off.</summary>
    [Range(0, 1_000_000)]
    public int DecayEveryEpochs { get; init; }

    /// <summary>The factor of one decay of the learning rate.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double DecayFactor { get; init; } = 0.1;

    /// <summary>
    /// Compute threads of a worker. Part of the job because the order of sums inside a kernel depends on it.
    /// </summary>
    [Range(1, 1024)]
    public int Threads { get; init; } = 1;

    /// <summary>Where workers compute: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    [Required]
    [RegularExpression("cpu|cuda(:[0-9]{1,3})?", MatchTimeoutInMilliseconds = 1000,
        ErrorMessage = "no such device; write cpu, cuda or cuda:N")]
    public string Device { get; init; } = "cpu";

    /// <summary>What to do with a gradient that is not finite.</summary>
    public NotFinitePolicy NotFinite { get; init; } = NotFinitePolicy.Skip;

    /// <summary>
    /// Whether a slice's graph is dropped after its forward pass and computed again, to the same bits, for its backward
    /// pass (GradCache, Gao et al. 2021): the memory of one slice instead of all of a worker's, for a second forward
    /// pass. Not part of the hash.
    /// </summary>
    [SameWeights]
    public bool Recompute { get; init; }

    /// <summary>
    /// Every so many steps workers compare digests of their whole state; also at checkpoints and at the last step. Not
    /// part of the hash.
    /// </summary>
    [SameWeights]
    [Range(1, 1_000_000)]
    public int DigestEvery { get; init; } = 1;
}
