using System.IO.Enumeration;

namespace Colony.Model;

/// <summary>Parameters that are trained otherwise than the rest.</summary>
/// <param name="Match">A pattern of names, in which <c>*</c> stands for any characters and <c>?</c> for one.</param>
public sealed record ParameterGroup(string Match)
{
    /// <summary>A factor on the learning rate.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>The weight decay; null: the optimizer's.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Epochs at the start in which they stay as they are, without gradient; null: all.</summary>
    public int? FrozenEpochs { get; init; } = 0;

    /// <summary>Steps over which their learning rate rises linearly, from the step on that moves them
    /// first.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>They stand in the optimizer's list twice: they count twice in the norm that is clipped, are clipped
    /// twice and moved twice a step, as VSRN's captioner is in the published code.</summary>
    public bool Twice { get; init; }
}

/// <summary>Which parameters belong to which group; each belongs to the first whose pattern fits, or to none. All
/// answers are pure functions of name and step.</summary>
public sealed class ParameterGroups
{
    private readonly Dictionary<string, ParameterGroup> groups = new(StringComparer.Ordinal);

    /// <param name="groups">The groups.</param>
    /// <param name="names">Every parameter's name.</param>
    /// <exception cref="ArgumentException">A pattern fits no name, or those that it fits belong to groups before
    /// it.</exception>
    public ParameterGroups(IReadOnlyList<ParameterGroup> groups, IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(names);
        foreach (var group in groups)
        {
            string[] fitting = [.. names.Where(name =>
                FileSystemName.MatchesSimpleExpression(group.Match, name, ignoreCase: false))];
            if (fitting.Count(name => this.groups.TryAdd(name, group)) == 0)
            {
                throw new ArgumentException(
                    fitting.Length == 0
                        ? $"no parameter's name fits '{group.Match}'; names are like {Examples(names)}"
                        : $"every parameter that '{group.Match}' fits belongs to a group before it",
                    nameof(groups));
            }
        }
    }

    /// <summary>Whether any parameter is ever frozen.</summary>
    public bool Freezes => groups.Values.Any(group => group.FrozenEpochs != 0);

    /// <summary>Whether a parameter stands in the optimizer's list twice.</summary>
    public bool IsTwice(string name) => groups.TryGetValue(name, out var group) && group.Twice;

    /// <summary>The weight decay of a parameter, given the optimizer's.</summary>
    public double WeightDecay(string name, double otherwise) =>
        groups.TryGetValue(name, out var group) ? group.WeightDecay ?? otherwise : otherwise;

    /// <summary>Whether a parameter stays as it is in a step (from 0).</summary>
    public bool IsFrozen(string name, long step, long stepsPerEpoch) =>
        groups.TryGetValue(name, out var group)
        && (group.FrozenEpochs is not { } epochs || step < epochs * stepsPerEpoch);

    /// <summary>The factor on a parameter's learning rate in a step (from 0).</summary>
    public double Rate(string name, long step, long stepsPerEpoch)
    {
        if (!groups.TryGetValue(name, out var group))
        {
            return 1;
        }

        var moved = step - ((group.FrozenEpochs ?? 0) * stepsPerEpoch) + 1;
        return moved >= group.WarmupSteps ? group.Rate : group.Rate * Math.Max(0, moved) / group.WarmupSteps;
    }

    private static string Examples(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(3).Select(name => $"'{name}'"));
}
