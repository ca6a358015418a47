using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>
/// Where the time of a run went: every second since the coordinator began is either useful, spent on a step that was
/// committed for the first time, or lost to a named cause. Pure; the sum of all is the time that passed.
/// </summary>
public sealed record Goodput
{
    /// <summary>From the coordinator's start to the first committed step.</summary>
    public const string Start = "start";

    /// <summary>Steps that were committed once before, done again after the run went back to a checkpoint.</summary>
    public const string Redo = "redo";

    /// <summary>Waiting for samples.</summary>
    public const string Data = "data";

    /// <summary>Copying state for checkpoints, waiting for the store, and the end's wait for the last one.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Copying weights for the evaluator, and the end's wait for the last evaluation.</summary>
    public const string Evaluation = "evaluation";

    /// <summary>
    /// Every cause: those above and those of <see cref="Interruption"/>. Exported as zero from the beginning.
    /// </summary>
    public static ImmutableArray<string> Causes { get; } =
        [Start, .. Interruption.Causes, Redo, Data, Checkpoint, Evaluation];

    /// <summary>When the account began; null before the first event.</summary>
    public TimeSpan? Since { get; init; }

    /// <summary>Until when it is accounted for.</summary>
    public TimeSpan At { get; init; }

    /// <summary>The highest step that was ever committed here; up to it every commit is a repetition.</summary>
    public long Reached { get; init; }

    /// <summary>Seconds that moved the run forward.</summary>
    public double Useful { get; init; }

    /// <summary>Seconds that did not, by cause.</summary>
    public ImmutableSortedDictionary<string, double> Lost { get; init; } =
        ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);

    /// <summary>The useful part of the time so far, 0 to 1; 0 before any has passed.</summary>
    public double Ratio => Useful > 0 ? Useful / (Useful + Lost.Values.Sum()) : 0;

    internal Goodput BegunAt(TimeSpan now) => Since is null ? this with { Since = now, At = now } : this;

    /// <summary>One or more steps were committed.</summary>
    /// <param name="now">When.</param>
    /// <param name="step">The last of them.</param>
    /// <param name="seconds">How long the workers took for all of them.</param>
    /// <param name="cause">The interruption that ends here, or null: then all the time since the commit before belongs
    /// to these steps, else only what the workers took.</param>
    internal Goodput Committed(TimeSpan now, long step, StepSeconds seconds, string? cause)
    {
        double open = Math.Max(0, (now - At).TotalSeconds);
        Goodput next = this with { At = now, Reached = Math.Max(Reached, step) };
        if (step <= Reached)
        {
            return next.Lose(Redo, open);
        }

        double left = open;
        next = next.Lose(Data, Take(ref left, seconds.Data))
            .Lose(Checkpoint, Take(ref left, seconds.Checkpoint))
            .Lose(Evaluation, Take(ref left, seconds.Evaluation));
        double useful = cause is null ? left : Math.Min(left, Math.Max(0, seconds.Own - seconds.Data));
        next = next with { Useful = next.Useful + useful };
        return cause is null ? next : next.Lose(cause, left - useful);
    }

    /// <summary>All the time since the last account was lost.</summary>
    internal Goodput LostUntil(TimeSpan now, string cause) =>
        Lose(cause, Math.Max(0, (now - At).TotalSeconds)) with { At = now };

    private static double Take(ref double left, double wanted)
    {
        double taken = Math.Clamp(wanted, 0, left);
        left -= taken;
        return taken;
    }

    private Goodput Lose(string cause, double seconds) => seconds <= 0
        ? this
        : this with { Lost = Lost.SetItem(cause, Lost.GetValueOrDefault(cause) + seconds) };
}
