using Colony.Torch;

namespace Colony.Model;

/// <summary>
/// Adam and AdamW with PyTorch's arithmetic (models.md 0.9). On the CPU each element is read and written once a step,
/// by plain IEEE operations without fused multiply-add, so the bits depend on neither vector width nor thread count.
/// </summary>
public sealed class Adam : IOptimizer
{
    private readonly AdamOptions options;
    private readonly List<Slot> order = [];
    private readonly List<Slot> slots = [];

    /// <param name="ps">The parameters with their names. A parameter listed twice under one name has one state and is
    /// moved twice a step, as VSRN's captioner is.</param>
    /// <param name="o">Settings.</param>
    /// <param name="rateOf">A factor on the learning rate for each name; null: 1.</param>
    /// <exception cref="ArgumentException">Two different parameters have the same name.</exception>
    public Adam(
        IReadOnlyList<(string Name, Tensor Parameter)> ps, AdamOptions o, Func<string, double>? rateOf = null)
    {
        ArgumentNullException.ThrowIfNull(ps);
        ArgumentNullException.ThrowIfNull(o);
        options = o;
        var byName = new Dictionary<string, Slot>(StringComparer.Ordinal);
        foreach (var (name, parameter) in ps)
        {
            if (!byName.TryGetValue(name, out var slot))
            {
                slot = new Slot(name, parameter, rateOf?.Invoke(name) ?? 1);
                byName.Add(name, slot);
                slots.Add(slot);
            }
            else if (!ReferenceEquals(slot.Parameter, parameter))
            {
                throw new ArgumentException($"Two parameters are named '{name}'.", nameof(ps));
            }

            order.Add(slot);
        }
    }

    /// <inheritdoc/>
    public void Step(double lr)
    {
        using var unrecorded = torch.no_grad();
        foreach (var slot in order)
        {
            using var scope = torch.NewDisposeScope();
            if (slot.Parameter.grad is { } gradient)
            {
                Step(slot, gradient, lr * slot.Rate);
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Tensor)> State()
    {
        foreach (var slot in slots)
        {
            yield return ($"{slot.Name}.exp_avg", slot.Mean);
            yield return ($"{slot.Name}.exp_avg_sq", slot.Square);
            yield return ($"{slot.Name}.step", slot.Steps);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in slots)
        {
            slot.Mean.Dispose();
            slot.Square.Dispose();
            slot.Steps.Dispose();
        }
    }

    private void Step(Slot slot, Tensor gradient, double lr)
    {
        var steps = ++slot.Steps.data<long>()[0];
        var arguments = new AdamArguments(
            Beta1: options.Beta1,
            Beta2: options.Beta2,
            Epsilon: options.Epsilon,
            StepSize: lr / (1 - Math.Pow(options.Beta1, steps)),
            Correction: Math.Sqrt(1 - Math.Pow(options.Beta2, steps)),
            Shrink: options.Decoupled ? 1 - (lr * options.WeightDecay) : 1,
            Decay: options.Decoupled ? 0 : options.WeightDecay);
        if (AdamKernel.Takes(slot.Parameter))
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

    private sealed class Slot(string name, Tensor parameter, double rate)
    {
        public string Name => name;

        public Tensor Parameter => parameter;

        public double Rate => rate;

        public Tensor Mean { get; } = torch.zeros_like(parameter).DetachFromDisposeScope();

        public Tensor Square { get; } = torch.zeros_like(parameter).DetachFromDisposeScope();

        public Tensor Steps { get; } = torch.zeros([1], dtype: ScalarType.Int64).DetachFromDisposeScope();
    }
}
