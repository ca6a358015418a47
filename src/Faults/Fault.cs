using System.Globalization;

namespace Colony.Faults;

/// <summary>What an armed fault does.</summary>
public enum FaultAction
{
    /// <summary>The process kills itself (SIGKILL).</summary>
    Kill,

    /// <summary>The process stops itself (SIGSTOP) until somebody continues it.</summary>
    Stop,

    /// <summary>The thread that came to the place waits for a given time.</summary>
    Delay,

    /// <summary>One bit of one parameter flips after the update.</summary>
    Flip,

    /// <summary>One value of a gradient becomes NaN.</summary>
    Nan,
}

/// <summary>Somebody asked for a fault that there is none of. One line.</summary>
public sealed class FaultSyntaxException(string message) : ArgumentException(message);

/// <summary>One fault: what happens, where, and whom it meets.</summary>
/// <param name="Action">What happens.</param>
/// <param name="Place">Where; one of <see cref="WorkerPlaces"/> or <see cref="CoordinatorPlaces"/>.</param>
/// <param name="Delay">How long, for <see cref="FaultAction.Delay"/>.</param>
/// <param name="Step">The step; null for the first that comes.</param>
/// <param name="Worker">The worker; null for every one.</param>
public sealed record Fault(FaultAction Action, string Place, TimeSpan Delay, long? Step, string? Worker)
{
    private const int MaxDelayMilliseconds = 600_000;

    private static readonly string[] Places = [.. WorkerPlaces.All, .. CoordinatorPlaces.All];

    /// <summary>
    /// Reads <c>ACTION@PLACE[:step=N][:worker=NAME]</c>, with <c>delay=MS</c> as an action; several with commas between
    /// them.
    /// </summary>
    /// <exception cref="FaultSyntaxException">It cannot be read; one line says why and what can.</exception>
    public static IReadOnlyList<Fault> Parse(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ParseOne)];

    private static Fault ParseOne(string text)
    {
        string[] halves = text.Split('@');
        if (halves.Length != 2)
        {
            throw Refuse(text, "write ACTION@PLACE, as in kill@backward:step=12");
        }

        (FaultAction action, TimeSpan delay) = ParseAction(text, halves[0]);
        string[] parts = halves[1].Split(':');
        string place = parts[0];
        if (!Places.Contains(place, StringComparer.Ordinal))
        {
            throw Refuse(text, $"no place is called '{place}'; there are {string.Join(", ", Places)}");
        }

        string? only = action switch
        {
            FaultAction.Flip => WorkerPlaces.Optimizer,
            FaultAction.Nan => WorkerPlaces.Backward,
            _ => null,
        };
        if (only is not null && !string.Equals(place, only, StringComparison.Ordinal))
        {
            throw Refuse(text, $"{halves[0]} happens at {only} alone");
        }

        var fault = new Fault(action, place, delay, null, null);
        return parts.Skip(1).Aggregate(fault, (known, condition) => known.Narrowed(text, condition));
    }

    private Fault Narrowed(string text, string condition)
    {
        int equals = condition.IndexOf('=', StringComparison.Ordinal);
        string key = equals < 0 ? condition : condition[..equals], value = condition[(equals + 1)..];
        return key switch
        {
            "step" when Step is null
                && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long step) && step > 0 =>
                this with { Step = step },
            "worker" when Worker is null && equals > 0 && value.Length > 0
                && WorkerPlaces.All.Contains(Place, StringComparer.Ordinal) => this with { Worker = value },
            "worker" when CoordinatorPlaces.All.Contains(Place, StringComparer.Ordinal) =>
                throw Refuse(text, $"'{Place}' is a place of the coordinator, which has no name"),
            _ => throw Refuse(text, $"'{condition}' is none of step=N (from 1) and worker=NAME, once each"),
        };
    }

    private static (FaultAction Action, TimeSpan Delay) ParseAction(string text, string action)
    {
        string[] parts = action.Split('=');
        FaultAction? known = parts[0] switch
        {
            "kill" => FaultAction.Kill,
            "stop" => FaultAction.Stop,
            "delay" => FaultAction.Delay,
            "flip" => FaultAction.Flip,
            "nan" => FaultAction.Nan,
            _ => null,
        };
        bool timed = known == FaultAction.Delay;
        if (known is not { } found || parts.Length != (timed ? 2 : 1))
        {
            throw Refuse(text, $"'{action}' is none of kill, stop, delay=MILLISECONDS, flip, nan");
        }

        int milliseconds = 0;
        if (timed && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out milliseconds)
            || milliseconds > MaxDelayMilliseconds))
        {
            throw Refuse(text, $"a delay is 0 to {MaxDelayMilliseconds} milliseconds");
        }

        return (found, TimeSpan.FromMilliseconds(milliseconds));
    }

    private static FaultSyntaxException Refuse(string text, string cure) =>
        new($"{FaultPoints.Variable}: '{text}' is no fault; {cure}");
}
