using Colony.Torch;

namespace Colony.Model;

/// <summary>What an optimizer keeps for a parameter.</summary>
internal abstract class ParameterSlot(string name, Tensor parameter) : IDisposable
{
    public string Name => name;

    public Tensor Parameter => parameter;

    /// <summary>How often the parameter was moved.</summary>
    public Tensor Steps { get; } = torch.zeros([1], dtype: ScalarType.Int64).DetachFromDisposeScope();

    /// <summary>The state's tensors under their names.</summary>
    public abstract IEnumerable<(string Name, Tensor Tensor)> State();

    public void Dispose()
    {
        foreach (var (_, tensor) in State())
        {
            tensor.Dispose();
        }

        Steps.Dispose();
    }

    /// <summary>Zeros of the parameter's shape.</summary>
    protected Tensor Zeros() => torch.zeros_like(Parameter).DetachFromDisposeScope();
}

/// <summary>An optimizer that treats each parameter for itself. One listed twice under one name has one state and is
/// moved twice a step, as VSRN's captioner is.</summary>
internal abstract class ParameterList<TSlot> : IOptimizer
    where TSlot : ParameterSlot
{
    private readonly List<TSlot> order = [];
    private readonly List<TSlot> slots = [];

    /// <param name="ps">The parameters with their names.</param>
    /// <param name="slotOf">Makes what is kept for one.</param>
    /// <exception cref="ArgumentException">Two different parameters have the same name.</exception>
    protected ParameterList(IReadOnlyList<(string Name, Tensor Parameter)> ps, Func<string, Tensor, TSlot> slotOf)
    {
        ArgumentNullException.ThrowIfNull(ps);
        var byName = new Dictionary<string, TSlot>(StringComparer.Ordinal);
        foreach (var (name, parameter) in ps)
        {
            if (!byName.TryGetValue(name, out var slot))
            {
                slot = slotOf(name, parameter);
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
    public void Step(double lr, Func<string, double>? factorOf = null)
    {
        using var unrecorded = torch.no_grad();
        foreach (var slot in order)
        {
            using var scope = torch.NewDisposeScope();
            if (slot.Parameter.grad is { } gradient)
            {
                slot.Steps.data<long>()[0]++;
                Move(slot, gradient, lr * (factorOf?.Invoke(slot.Name) ?? 1));
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Tensor)> State() => slots.SelectMany(slot => slot.State());

    /// <inheritdoc/>
    public void Dispose() => slots.ForEach(slot => slot.Dispose());

    /// <summary>Whether a pass over host memory applies: float32, contiguous, on the CPU.</summary>
    protected static bool IsInHostMemory(Tensor parameter) =>
        parameter.device.Type == DeviceType.CPU && parameter.dtype == ScalarType.Float32 && parameter.is_contiguous();

    /// <summary>Moves one parameter; its steps are counted already, and gradients are off.</summary>
    protected abstract void Move(TSlot slot, Tensor gradient, double lr);
}
