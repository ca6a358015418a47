using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Colony.Orchestration;

/// <summary>A worker's place in a generation.</summary>
/// <param name="Worker">The worker's name.</param>
/// <param name="Address">host:port of its gRPC server.</param>
/// <param name="Ranks">Logical ranks that it hosts, ascending; none for a spare, which follows every step.</param>
public sealed record Member(string Worker, string Address, ImmutableArray<int> Ranks)
{
    /// <inheritdoc/>
    public bool Equals(Member? other) =>
        other is not null && Worker == other.Worker && Address == other.Address && Ranks.SequenceEqual(other.Ranks);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Worker, Address, Ranks.Length);

    /// <summary>The ranks as people write them: <c>0-3, 6</c>; <c>none</c> for a spare.</summary>
    public string RanksText()
    {
        if (Ranks.IsEmpty)
        {
            return "none";
        }

        var text = new StringBuilder();
        for (int i = 0; i < Ranks.Length;)
        {
            int last = i;
            while (last + 1 < Ranks.Length && Ranks[last + 1] == Ranks[last] + 1)
            {
                last++;
            }

            text.Append(text.Length > 0 ? ", " : string.Empty).Append(CultureInfo.InvariantCulture, $"{Ranks[i]}");
            if (last > i)
            {
                text.Append(CultureInfo.InvariantCulture, $"-{Ranks[last]}");
            }

            i = last + 1;
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Worker} at {Address} [{RanksText()}]";
}
