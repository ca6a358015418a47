namespace Colony.Jobs;

/// <summary>"Did you mean": the known word nearest to a written one.</summary>
internal static class Suggestion
{
    private const int MaximumWordLength = 40;

    /// <summary>The cure for an unknown word: the nearest known one if it is near enough, else all of them.</summary>
    public static string Cure(string written, IReadOnlyList<string> known)
    {
        if (known.Count == 0)
        {
            return "remove it";
        }

        return Nearest(written, known) is { } near
            ? $"did you mean {Show.Word(near)}?"
            : $"write one of {Show.Words(known.Order(StringComparer.Ordinal))}";
    }

    private static string? Nearest(string written, IReadOnlyList<string> known)
    {
        if (written.Length > MaximumWordLength)
        {
            return null;
        }

        var lower = written.ToLowerInvariant().Replace('-', '_');
        var best = known.Select(k => (Word: k, Distance: Distance(lower, k)))
            .OrderBy(p => p.Distance).ThenBy(p => p.Word, StringComparer.Ordinal).First();
        return best.Distance <= Math.Max(1, best.Word.Length / 3) ? best.Word : null;
    }

    /// <summary>Edits (insert, delete, replace, swap neighbours) between two words: optimal string alignment.</summary>
    private static int Distance(string a, string b)
    {
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            cost[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            cost[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[a.Length, b.Length];
    }
}
