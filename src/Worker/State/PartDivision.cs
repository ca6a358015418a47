namespace Colony.Worker;

/// <summary>
/// Divides the tensors of a checkpoint among its parts: contiguous runs of nearly equal bytes, by name.
/// </summary>
internal static class PartDivision
{
    /// <summary>The names in one part. Every name is in exactly one.</summary>
    public static HashSet<string> Names(IReadOnlyList<(string Name, long Bytes)> inventory, int part, int parts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, parts);
        double total = Math.Max(1, inventory.Sum(i => i.Bytes));
        var names = new HashSet<string>(StringComparer.Ordinal);
        long before = 0;
        foreach ((string name, long bytes) in inventory.OrderBy(i => i.Name, StringComparer.Ordinal))
        {
            // The middle of a tensor decides, so that no rounding can put it into two parts or none.
            int mine = Math.Min(parts - 1, (int)((before + (bytes / 2.0)) / total * parts));
            if (mine == part)
            {
                names.Add(name);
            }

            before += bytes;
        }

        return names;
    }
}
