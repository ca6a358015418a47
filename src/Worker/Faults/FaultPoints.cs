using Colony.Torch;

namespace Colony.Worker;

/// <summary>
/// Places where a worker can be made to fail, for tests of the whole: armed by an environment variable alone, and by
/// nothing in a job. Each fault happens once in a process. Where none is armed there is no object of this class.
/// Thread-safe.
/// </summary>
internal sealed class FaultPoints
{
    /// <summary>The environment variable: <see cref="Fault.Parse"/> reads it.</summary>
    public const string Variable = "COLONY_FAULT";

    /// <summary>A checkpoint part is copied and about to be written.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>A donor is about to send a part of its state, or a joiner has begun to receive one.</summary>
    public const string StateTransfer = "state_transfer";

    private readonly Lock _gate = new();
    private readonly List<Fault> _armed;
    private readonly IFaultActions _actions;

    private FaultPoints(IEnumerable<Fault> faults, IFaultActions actions)
    {
        _armed = [.. faults];
        _actions = actions;
    }

    /// <summary>Every point. Those of a step are its phases; <c>reduce</c> is reduce-scatter and all-gather.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        PhaseClock.Load, PhaseClock.Forward, PhaseClock.Gather, PhaseClock.Objective, PhaseClock.Backward,
        PhaseClock.Reduce, PhaseClock.Optimizer, Checkpoint, StateTransfer,
    ];

    /// <summary>The faults that are meant for a worker; null when there are none.</summary>
    /// <param name="worker">Its name.</param>
    /// <param name="text">What <see cref="Variable"/> holds.</param>
    /// <param name="actions">Carries them out.</param>
    /// <exception cref="FaultSyntaxException">The text is no list of faults.</exception>
    public static FaultPoints? Arm(string worker, string? text, IFaultActions actions)
    {
        Fault[] mine = [.. Fault.Parse(text ?? string.Empty)
            .Where(f => f.Worker is null || string.Equals(f.Worker, worker, StringComparison.Ordinal))];
        return mine.Length == 0 ? null : new FaultPoints(mine, actions);
    }

    /// <summary>A point is reached: kills, stops or delays, if that is armed here.</summary>
    public void Reach(string point, long step)
    {
        while (Take(point, step, f => f.Action is FaultAction.Kill or FaultAction.Stop or FaultAction.Delay) is { } f)
        {
            switch (f.Action)
            {
                case FaultAction.Kill: _actions.Kill(); break;
                case FaultAction.Stop: _actions.Stop(); break;
                default: _actions.Delay(f.Delay); break;
            }
        }
    }

    /// <summary>The update of a step is applied: flips the lowest bit of the first parameter, if that is
    /// armed.</summary>
    public void Flip(long step, Replica replica)
    {
        if (Take(PhaseClock.Optimizer, step, f => f.Action == FaultAction.Flip) is null)
        {
            return;
        }

        using var unrecorded = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        Tensor host = replica.Parameters[0].detach().cpu().contiguous().clone();
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(host.data<float>())[0] ^= 1;
        replica.Parameters[0].copy_(host);
    }

    /// <summary>A gradient is about to be added: spoils one of its values, if that is armed.</summary>
    public void Spoil(long step, Span<float> gradient)
    {
        if (gradient.Length > 0 && Take(PhaseClock.Backward, step, f => f.Action == FaultAction.Nan) is not null)
        {
            gradient[0] = float.NaN;
        }
    }

    private Fault? Take(string point, long step, Predicate<Fault> wanted)
    {
        lock (_gate)
        {
            int found = _armed.FindIndex(f => string.Equals(f.Point, point, StringComparison.Ordinal)
                && (f.Step is null || f.Step == step) && wanted(f));
            if (found < 0)
            {
                return null;
            }

            Fault fault = _armed[found];
            _armed.RemoveAt(found);
            return fault;
        }
    }
}
