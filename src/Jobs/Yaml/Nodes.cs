namespace Colony.Jobs;

/// <summary>Where a node was written: a file, or a <c>--set</c> override (then line and column are 0).</summary>
internal readonly record struct Place(string Source, int Line, int Column);

/// <summary>A YAML value with its place, so that every complaint can point at what was written.</summary>
internal abstract record Node(Place Place);

/// <summary>A scalar; <paramref name="Quoted"/> tells text in quotes (or a block scalar) from a plain word.</summary>
internal sealed record ScalarNode(Place Place, string Text, bool Quoted) : Node(Place)
{
    public bool IsNull => !Quoted && Scalars.IsNullWord(Text);
}

internal sealed record SequenceNode(Place Place, IReadOnlyList<Node> Items) : Node(Place);

internal sealed record MappingEntry(Place KeyPlace, string Key, Node Value);

internal sealed record MappingNode(Place Place, IReadOnlyList<MappingEntry> Entries) : Node(Place)
{
    public MappingEntry? Find(string key)
    {
        foreach (var entry in Entries)
        {
            if (entry.Key == key)
            {
                return entry;
            }
        }

        return null;
    }

    public MappingNode Without(string key) => this with { Entries = [.. Entries.Where(e => e.Key != key)] };

    /// <summary>The same mapping with one value replaced where it stands, or added at the end.</summary>
    public MappingNode With(Place place, string key, Node value)
    {
        var replaced = Entries.Select(e => e.Key == key ? e with { KeyPlace = place, Value = value } : e).ToList();
        if (Find(key) is null)
        {
            replaced.Add(new MappingEntry(place, key, value));
        }

        return this with { Entries = replaced };
    }
}
