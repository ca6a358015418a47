using Colony.Torch;

namespace Colony.Model;

/// <summary>
/// Adam and AdamW with PyTorch's arithmetic (models.md 0.9). On the CPU each element is read and written once a step,
/// by plain IEEE operations without fused multiply-add, so the bits depend on neither vector width nor thread count.
/// </summary>
/// <param name="ps">The parameters with their names.</param>
/// <param name="options">Settings.</param>
/// <param name="decayOf">The weight decay of a parameter; null: that of the settings.</param>
/// <exception cref="ArgumentException">Two different parameters have the same name.</exception>
internal sealed class Adam(
    IReadOnlyList<(string Name, Tensor Parameter)> ps, AdamOptions options, Func<string, double>? decayOf = null)
    : ParameterList<Adam.Slot>(ps, (name, parameter) => new Slot(name, parameter))
{
    protected override void Move(Slot slot, Tensor gradient, double lr)
    {
        var steps = slot.Steps.data<long>()[0];
        var decay = decayOf?.Invoke(slot.Name) ?? options.WeightDecay;
        var arguments = new AdamArguments(
            Beta1: options.Beta1,
            Beta2: options.Beta2,
            Epsilon: options.Epsilon,
            StepSize: lr / (1 - Math.Pow(options.Beta1, steps)),
            Correction: Math.Sqrt(1 - Math.Pow(options.Beta2, steps)),
            Shrink: options.Decoupled ? 1 - (lr * decay) : 1,
            Decay: options.Decoupled ? 0 : decay);
        if (IsInHostMemory(slot.Parameter))
        {
            AdamKernel.Step(
                slot.Parameter.data<float>(), gradient.contiguous().data<float>(), slot.Mean.data<float>(),
                slot.Square.data<float>(), arguments);
        }
        else
        {
            AdamKernel.Step(slot.Parameter, gradient, slot.Mean, slot.Square, arguments);
        }
    }

    internal sealed class Slot : ParameterSlot
    {
        public Slot(string name, Tensor parameter)
            : base(name, parameter) => (Mean, Square) = (Zeros(), Zeros());

        public Tensor Mean { get; }

        public Tensor Square { get; }

        public override IEnumerable<(string Name, Tensor Tensor)> State() =>
        [
            ($"{Name}.exp_avg", Mean),
            ($"{Name}.exp_avg_sq", Square),
            ($"{Name}.step", Steps),
        ];
    }
}
