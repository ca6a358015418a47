using Colony.Torch;

namespace Colony.Model;

/// <summary>Gradient descent with momentum, with PyTorch's arithmetic, in passes like <see cref="Adam"/>'s.</summary>
/// <param name="ps">The parameters with their names.</param>
/// <param name="options">Settings.</param>
/// <param name="decayOf">The weight decay of a parameter; null: that of the settings.</param>
/// <exception cref="ArgumentException">Two different parameters have the same name.</exception>
internal sealed class Sgd(
    IReadOnlyList<(string Name, Tensor Parameter)> ps, SgdOptions options, Func<string, double>? decayOf = null)
    : ParameterList<Sgd.Slot>(ps, (name, parameter) => new Slot(name, parameter, options.Momentum > 0))
{
    protected override void Move(Slot slot, Tensor gradient, double lr)
    {
        // The first direction is the gradient itself, undampened.
        var first = slot.Steps.data<long>()[0] == 1;
        var arguments = new SgdArguments(
            Rate: lr,
            Decay: decayOf?.Invoke(slot.Name) ?? options.WeightDecay,
            Keep: first ? 0 : options.Momentum,
            Take: first ? 1 : 1 - options.Dampening,
            Ahead: options.Nesterov ? options.Momentum : null);
        if (!IsInHostMemory(slot.Parameter))
        {
            SgdKernel.Step(slot.Parameter, gradient, slot.Direction, arguments);
        }
        else if (slot.Direction is { } direction)
        {
            SgdKernel.Step(
                slot.Parameter.data<float>(), gradient.contiguous().data<float>(), direction.data<float>(), arguments);
        }
        else
        {
            SgdKernel.Step(slot.Parameter.data<float>(), gradient.contiguous().data<float>(), arguments);
        }
    }

    internal sealed class Slot : ParameterSlot
    {
        public Slot(string name, Tensor parameter, bool momentum)
            : base(name, parameter) => Direction = momentum ? Zeros() : null;

        /// <summary>Null where there is no momentum.</summary>
        public Tensor? Direction { get; }

        public override IEnumerable<(string Name, Tensor Tensor)> State() => Direction is { } direction
            ? [($"{Name}.momentum_buffer", direction), ($"{Name}.step", Steps)]
            : [];
    }
}
