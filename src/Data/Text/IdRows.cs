namespace Colony.Data;

/// <summary>Rows of ids between a first and a last one.</summary>
internal sealed class IdRows(EncodedCaptions encoded, int[] chosen, int first, int last) : CaptionRows<long>
{
    /// <summary>The ids that come on top of a caption's own.</summary>
    public const int Added = 2;

    public override int Count => chosen.Length;

    public override int Width => 1;

    public override int Length(int position) => encoded[chosen[position]].Length + Added;

    public override void Fill(int position, Span<long> row)
    {
        row[0] = first;
        var at = 1;
        foreach (var id in encoded[chosen[position]])
        {
            row[at++] = id;
        }

        row[at] = last;
    }
}
