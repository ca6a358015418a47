using System.Globalization;

namespace Colony.Actors.Simulation;

/// <summary>
/// A fault as one line of text, so that a schedule can be printed, kept in a file, and run again:
/// <c>85.0936ms Partition worker-0&gt;coordinator 1551ms x1</c> (when, what, where, how long, how bad).
/// </summary>
public static class FaultText
{
    /// <summary>A file with more lines is no schedule.</summary>
    public const int MaxLines = 100_000;

    private const string Milliseconds = "ms";

    /// <summary>Writes a fault.</summary>
    /// <param name="fault">The fault.</param>
    /// <returns>One line; <see cref="Parse"/> gives the same fault back.</returns>
    public static string Format(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var where = fault.Peer is null ? fault.Node : $"{fault.Node}>{fault.Peer}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{fault.At.TotalMilliseconds:0.####}ms {fault.Kind} {where} {fault.Duration.TotalMilliseconds:0.####}ms "
            + $"x{fault.Magnitude:R}");
    }

    /// <summary>Reads a fault.</summary>
    /// <param name="line">A line as <see cref="Format"/> writes it.</param>
    /// <returns>The fault.</returns>
    /// <exception cref="FormatException">The line is none; the message says what was expected.</exception>
    public static Fault Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 5
            || Time(parts[0]) is not { } at
            || !Enum.TryParse(parts[1], out FaultKind kind) || !Enum.IsDefined(kind)
            || Time(parts[3]) is not { } duration
            || !parts[4].StartsWith('x')
            || !double.TryParse(parts[4].AsSpan(1), CultureInfo.InvariantCulture, out var magnitude)
            || !(magnitude > 0 && double.IsFinite(magnitude)))
        {
            throw new FormatException(
                $"'{line}' is no fault: expected '12.5ms Partition worker-0>coordinator 300ms x1', the kind one of "
                + string.Join(", ", Enum.GetNames<FaultKind>()));
        }

        var where = parts[2].Split('>');
        return where.Length <= 2
            && where.Length == (kind.IsBetweenTwo() ? 2 : 1)
            && Array.TrueForAll(where, w => w.Length > 0)
            ? new Fault(at, kind, where[0], where.Length == 2 ? where[1] : null, duration, magnitude)
            : throw new FormatException(
                $"'{line}' is no fault: {kind} strikes "
                + (kind.IsBetweenTwo() ? "two nodes, 'one>other'" : "one node"));
    }

    /// <summary>Reads a schedule; empty lines and those that begin with # are left out.</summary>
    /// <param name="text">Lines.</param>
    /// <returns>The faults in the order of their beginning.</returns>
    /// <exception cref="FormatException">A line is no fault; the message names it.</exception>
    public static IReadOnlyList<Fault> ParseSchedule(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        if (lines.Length > MaxLines)
        {
            throw new FormatException($"a schedule has at most {MaxLines} lines; this one has {lines.Length}");
        }

        return [.. lines
            .Where(static l => l.Trim().Length > 0 && !l.TrimStart().StartsWith('#'))
            .Select(Parse)
            .OrderBy(static f => f.At)];
    }

    private static TimeSpan? Time(string text) =>
        text.EndsWith(Milliseconds, StringComparison.Ordinal)
        && double.TryParse(text.AsSpan(0, text.Length - 2), CultureInfo.InvariantCulture, out var ms)
        && ms >= 0 && ms < TimeSpan.FromDays(365).TotalMilliseconds
            ? TimeSpan.FromTicks((long)Math.Round(ms * TimeSpan.TicksPerMillisecond))
            : null;
}
