namespace Colony.Actors.Simulation;

/// <summary>
/// Cuts a failing schedule down to faults that are all needed: delta debugging (Zeller and Hildebrandt, "Simplifying
/// and isolating failure-inducing input", IEEE TSE 2002), with removal of parts only.
/// </summary>
public static class ScheduleMinimizer
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Cuts a schedule down.</summary>
    /// <param name="faults">A schedule that fails.</param>
    /// <param name="fails">Runs a part of it, in order, and says whether it still fails.</param>
    /// <param name="maxRuns">How often it may be asked.</param>
    /// <returns>A part that fails; without any one of its faults it does not, unless the runs were used up.</returns>
    public static IReadOnlyList<Fault> Minimize(
        IReadOnlyList<Fault> faults, Func<IReadOnlyList<Fault>, bool> fails, int maxRuns = 500)
    {
        ArgumentNullException.ThrowIfNull(faults);
        ArgumentNullException.ThrowIfNull(fails);
        var current = faults.ToArray();
        var parts = 2;
        var runs = 0;
        while (current.Length > 0)
        {
            parts = Math.Min(parts, current.Length);
            var smaller = Smaller(current, parts, fails, maxRuns, ref runs);
            if (smaller is not null)
            {
                current = smaller;
                parts = Math.Max(parts - 1, 2);
            }
            else if (parts >= current.Length || runs >= maxRuns)
            {
                break;
            }
            else
            {
                parts *= 2;
            }
        }

        return current;
    }

    /// <summary>Makes the faults of a failing schedule shorter and milder while it still fails.</summary>
    /// <param name="faults">A schedule that fails.</param>
    /// <param name="fails">Runs a schedule and says whether it still fails.</param>
    /// <param name="maxRuns">How often it may be asked.</param>
    /// <returns>A schedule of as many faults that fails.</returns>
    public static IReadOnlyList<Fault> Shorten(
        IReadOnlyList<Fault> faults, Func<IReadOnlyList<Fault>, bool> fails, int maxRuns = 100)
    {
        ArgumentNullException.ThrowIfNull(faults);
        ArgumentNullException.ThrowIfNull(fails);
        var current = faults.ToArray();
        var runs = 0;
        for (var i = 0; i < current.Length; i++)
        {
            while (runs < maxRuns && current[i].Duration > s_shortest)
            {
                Fault[] shorter = [.. current];
                shorter[i] = current[i] with { Duration = current[i].Duration / 2 };
                runs++;
                if (!fails(shorter))
                {
                    break;
                }

                current = shorter;
            }
        }

        return current;
    }

    /// <summary>The first failing rest after one of the parts is taken away.</summary>
    private static Fault[]? Smaller(
        Fault[] current, int parts, Func<IReadOnlyList<Fault>, bool> fails, int maxRuns, ref int runs)
    {
        for (var part = 0; part < parts && runs < maxRuns; part++)
        {
            var from = current.Length * part / parts;
            var to = current.Length * (part + 1) / parts;
            Fault[] rest = [.. current[..from], .. current[to..]];
            runs++;
            if (fails(rest))
            {
                return rest;
            }
        }

        return null;
    }
}
