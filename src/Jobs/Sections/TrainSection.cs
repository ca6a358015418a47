using System.ComponentModel.DataAnnotations;
using System.Runtime.Serialization;

namespace Colony.Jobs;

/// <summary>The optimizers a job can name.</summary>
public enum OptimizerKind
{
    /// <summary>Adam (Kingma and Ba, 2015); its weight decay is added to the gradient.</summary>
    Adam,

    /// <summary>AdamW (Loshchilov and Hutter, 2019): weights shrink by learning rate × weight decay instead.</summary>
    Adamw,

    /// <summary>Stochastic gradient descent, with momentum if wanted; its weight decay is added to the
    /// gradient.</summary>
    Sgd,
}

/// <summary>How the learning rate falls. An interval is <see cref="TrainSection.DecayEveryEpochs"/> epochs or
/// <see cref="TrainSection.DecaySteps"/> steps.</summary>
public enum DecayKind
{
    /// <summary>Times <see cref="TrainSection.DecayFactor"/> after every interval; constant without one.</summary>
    Step,

    /// <summary>Times <see cref="TrainSection.DecayFactor"/> at the beginning of each of
    /// <see cref="TrainSection.Milestones"/>.</summary>
    Milestones,

    /// <summary>Half a cosine down to <see cref="TrainSection.MinimumRate"/> over an interval, and back.</summary>
    Cosine,

    /// <summary>Half a cosine over every epoch, as kaylode's TERN has it ("cosine2").</summary>
    CosineRestarts,

    /// <summary>Half a cosine over every interval (Loshchilov and Hutter, 2017).</summary>
    WarmRestarts,

    /// <summary>Straight to <see cref="TrainSection.MinimumRate"/> over one interval, set every step.</summary>
    Linear,

    /// <summary>Up to the base rate and down again over one interval, in half cosines, set every step (Smith and Topin,
    /// 2018).</summary>
    OneCycle,

    /// <summary>Times <see cref="TrainSection.DecayFactor"/> when the mean training loss of an epoch has not fallen for
    /// more than <see cref="TrainSection.Patience"/> epochs (ReduceLROnPlateau).</summary>
    Plateau,
}

/// <summary>How the learning rate rises at the start.</summary>
public enum WarmupKind
{
    /// <summary>Step i (from 0) has min(1, (i + 2) / warmup_steps) of the rate, as in TERN's training.</summary>
    Damped,

    /// <summary>Step i (from 0) has min(1, i / warmup_steps) of the rate, and a decay that goes by steps begins only
    /// after it, as in the transformers library.</summary>
    Linear,
}

/// <summary>What to do with a step whose reduced gradient holds an infinity or a NaN.</summary>
public enum NotFinitePolicy
{
    /// <summary>Leave the update out, on every worker alike, count it, and go on.</summary>
    Skip,

    /// <summary>End the job with an error that names the step.</summary>
    Stop,
}

/// <summary>The type in which the model's matrix products are computed.</summary>
public enum Precision
{
    /// <summary>Everything in float32.</summary>
    Float32,

    /// <summary>Matrix products and convolutions of the model in bfloat16 (autocast); its weights, the objective,
    /// gradients of weights and the optimizer in float32.</summary>
    Bf16,
}

/// <summary>How the weights are updated and for how long.</summary>
public sealed record TrainSection : IValidatableObject
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

    /// <summary>Share of the last direction that <c>sgd</c> keeps; 0 is off.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Momentum { get; init; }

    /// <summary>Share of the gradient that does not enter the direction of <c>sgd</c> after its first step.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(0.0, 1.0)]
    public double Dampening { get; init; }

    /// <summary>Nesterov's momentum for <c>sgd</c>; needs momentum and no dampening.</summary>
    [DataMember(EmitDefaultValue = false)]
    public bool Nesterov { get; init; }

    /// <summary>Parameters that are trained otherwise than the rest, such as a pretrained backbone; each belongs to the
    /// first group whose pattern fits its name.</summary>
    [DataMember(EmitDefaultValue = false)]
    [MaxLength(64)]
    public IReadOnlyList<ParameterGroupSection> Groups { get; init; } = [];

    /// <summary>
    /// A safetensors file with weights to begin with, as <c>colony checkpoint import</c> writes it; none: initial
    /// values from the seed. Relative to the job file's folder.
    /// </summary>
    [DataMember(EmitDefaultValue = false)]
    public string InitialWeights { get; init; } = "";

    /// <summary>Largest Euclidean norm of the whole gradient; a longer one is scaled down to it. 0 is off.</summary>
    [Range(0.0, 1e9)]
    public double ClipNorm { get; init; } = 2.0;

    /// <summary>
    /// Steps over which the learning rate rises linearly to its base; 0 is off.
    /// </summary>
    [Range(0, 100_000_000)]
    public int WarmupSteps { get; init; }

    /// <summary>How it rises.</summary>
    [DataMember(EmitDefaultValue = false)]
    public WarmupKind Warmup { get; init; }

    /// <summary>How the learning rate falls.</summary>
    [DataMember(EmitDefaultValue = false)]
    public DecayKind Decay { get; init; }

    /// <summary>The interval of <see cref="Decay"/> in epochs; 0 is none.</summary>
    [Range(0, 1_000_000)]
    public int DecayEveryEpochs { get; init; }

    /// <summary>The interval of <see cref="Decay"/> in steps, instead of epochs; the rate is then set every step. 0 is
    /// none.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(0, 100_000_000)]
    public int DecaySteps { get; init; }

    /// <summary>The epochs (from 0) at whose beginning <c>milestones</c> lets the rate fall.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(1, 1_000_000)]
    [MaxLength(1000)]
    public IReadOnlyList<int> Milestones { get; init; } = [];

    /// <summary>Epochs without progress that <c>plateau</c> lets pass.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(0, 1_000_000)]
    public int Patience { get; init; } = 10;

    /// <summary>Progress to <c>plateau</c>: the loss falls below the lowest so far by more than this share of
    /// it.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Threshold { get; init; } = 1e-4;

    /// <summary>The lowest rate of the cosines, of <c>linear</c> and of <c>plateau</c>.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(0.0, 100.0)]
    public double MinimumRate { get; init; }

    /// <summary>Where in its interval <c>one_cycle</c> is at its base rate.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(0.0, 1.0)]
    public double PeakAt { get; init; } = 0.3;

    /// <summary>What the base rate is divided by at the start of <c>one_cycle</c>.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(1.0, 1e9)]
    public double StartDivisor { get; init; } = 25;

    /// <summary>What that rate is divided by at the end of <c>one_cycle</c>.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(1.0, 1e9)]
    public double EndDivisor { get; init; } = 1e4;

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

    /// <summary>The type of the model's matrix products; worth it on devices that have units for bfloat16.</summary>
    [DataMember(EmitDefaultValue = false)]
    public Precision Precision { get; init; }

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

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Optimizer != OptimizerKind.Sgd && (Momentum != 0 || Dampening != 0 || Nesterov))
        {
            yield return new("momentum, dampening and nesterov are for optimizer sgd; leave them out, or write "
                + "optimizer: sgd", [nameof(Optimizer)]);
        }

        if (Nesterov && (Momentum == 0 || Dampening != 0))
        {
            yield return new(
                "it needs momentum and no dampening; write momentum: 0.9 and no dampening, or leave it out",
                [nameof(Nesterov)]);
        }

        if (DecayEveryEpochs > 0 && DecaySteps > 0)
        {
            yield return new("decay_every_epochs says the same in epochs; write one of them", [nameof(DecaySteps)]);
        }

        bool interval = DecayEveryEpochs > 0 || DecaySteps > 0;
        if (!interval && Decay is DecayKind.Cosine or DecayKind.WarmRestarts or DecayKind.Linear or DecayKind.OneCycle)
        {
            yield return new("it goes by an interval; write decay_every_epochs or decay_steps", [nameof(Decay)]);
        }

        if (interval && Decay is DecayKind.Milestones or DecayKind.CosineRestarts or DecayKind.Plateau)
        {
            yield return new("it goes by no interval; leave decay_every_epochs and decay_steps out", [nameof(Decay)]);
        }

        if (Decay == DecayKind.Milestones != (Milestones.Count > 0))
        {
            yield return new("the key and decay: milestones need each other; write both or none", [nameof(Milestones)]);
        }

        if (MinimumRate > 0 && Decay is DecayKind.Step or DecayKind.Milestones or DecayKind.OneCycle)
        {
            yield return new("it is for the cosines, linear and plateau; leave it out", [nameof(MinimumRate)]);
        }

        if (Warmup == WarmupKind.Linear && DecaySteps > 0 && DecaySteps <= WarmupSteps)
        {
            yield return new($"{DecaySteps} steps with warm-up end within its {WarmupSteps}; write more",
                [nameof(DecaySteps)]);
        }
    }
}
