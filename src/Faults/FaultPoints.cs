namespace Colony.Faults;

/// <summary>
/// The faults of one process, waiting for their places to be reached. Each happens once. Where none is armed there is
/// no object of this class. Thread-safe.
/// </summary>
public sealed class FaultPoints
{
    /// <summary>The environment variable: <see cref="Fault.Parse"/> reads it.</summary>
    public const string Variable = "COLONY_FAULT";

    private readonly Lock _gate = new();
    private readonly List<Fault> _armed;
    private readonly IFaultActions _actions;

    private FaultPoints(IEnumerable<Fault> faults, IFaultActions actions)
    {
        _armed = [.. faults];
        _actions = actions;
    }

    /// <summary>The faults that are meant for a worker; null when there are none.</summary>
    /// <param name="worker">Its name.</param>
    /// <param name="text">What <see cref="Variable"/> holds.</param>
    /// <param name="actions">Carries them out.</param>
    /// <exception cref="FaultSyntaxException">The text is no list of faults.</exception>
    public static FaultPoints? OfWorker(string worker, string? text, IFaultActions actions) => Arm(
        WorkerPlaces.All, f => f.Worker is null || string.Equals(f.Worker, worker, StringComparison.Ordinal), text,
        actions);

    /// <summary>The faults that are meant for the coordinator; null when there are none.</summary>
    /// <param name="text">What <see cref="Variable"/> holds.</param>
    /// <param name="actions">Carries them out.</param>
    /// <exception cref="FaultSyntaxException">The text is no list of faults.</exception>
    public static FaultPoints? OfCoordinator(string? text, IFaultActions actions) =>
        Arm(CoordinatorPlaces.All, _ => true, text, actions);

    /// <summary>A place is reached: kills, stops or delays, if that is armed here.</summary>
    /// <param name="place">The place.</param>
    /// <param name="step">The step that is worked on, or that is committed.</param>
    /// <param name="orLater">Whether a fault of an earlier step happens as well: the step may have been passed
    /// elsewhere.</param>
    public void Reach(string place, long step, bool orLater = false)
    {
        while (Find(
            place, f => f.Action is FaultAction.Kill or FaultAction.Stop or FaultAction.Delay
                && (f.Step is not { } at || at == step || (orLater && at < step))) is { } f)
        {
            switch (f.Action)
            {
                case FaultAction.Kill: _actions.Kill(place, step); break;
                case FaultAction.Stop: _actions.Stop(place, step); break;
                default: _actions.Delay(place, step, f.Delay); break;
            }
        }
    }

    /// <summary>Whether a fault that the caller carries out itself is armed here; it is disarmed by the
    /// question.</summary>
    /// <param name="action">What would happen.</param>
    /// <param name="place">The place.</param>
    /// <param name="step">The step.</param>
    public bool Take(FaultAction action, string place, long step) =>
        Find(place, f => f.Action == action && (f.Step is not { } at || at == step)) is not null;

    private static FaultPoints? Arm(
        IReadOnlyList<string> places, Predicate<Fault> mine, string? text, IFaultActions actions)
    {
        Fault[] found = [.. Fault.Parse(text ?? string.Empty)
            .Where(f => places.Contains(f.Place, StringComparer.Ordinal) && mine(f))];
        return found.Length == 0 ? null : new FaultPoints(found, actions);
    }

    private Fault? Find(string place, Predicate<Fault> wanted)
    {
        lock (_gate)
        {
            int found = _armed.FindIndex(f => string.Equals(f.Place, place, StringComparison.Ordinal) && wanted(f));
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
