using Colony.Torch;

namespace Colony.Model;

/// <summary>The tables of relative position representations (Shaw et al. 2018; models.md 2) and which entry each pair
/// of positions has.</summary>
/// <param name="Keys">Added to keys [C, d_h], the same for all heads.</param>
/// <param name="Values">Added to values [C, d_h].</param>
/// <param name="Index">The entry of query i and key j: [1, S, S], or [b, S, S] where samples differ; int64.</param>
internal sealed record RelativeTables(Tensor Keys, Tensor Values, Tensor Index)
{
    /// <summary>What the keys' table adds to the scores, in the caller's scope.</summary>
    /// <param name="queries">Scaled queries [b * H, S, d_h].</param>
    /// <param name="batch">Samples b.</param>
    /// <returns>[b * H, S, S].</returns>
    public Tensor Scores(Tensor queries, long batch)
    {
        var (rows, size) = (queries.shape[0], queries.shape[1]);
        var all = torch.matmul(queries, Keys.transpose(0, 1)).view(batch, rows / batch, size, Keys.shape[0]);
        var index = Index.unsqueeze(1).expand(batch, rows / batch, size, size);
        return all.gather(3, index).view(rows, size, size);
    }

    /// <summary>What the values' table adds to the result, in the caller's scope: weights are summed entry by entry
    /// first.</summary>
    /// <param name="weights">Attention weights [b * H, S, S].</param>
    /// <param name="batch">Samples b.</param>
    /// <returns>[b * H, S, d_h].</returns>
    public Tensor Mixed(Tensor weights, long batch)
    {
        var (rows, size) = (weights.shape[0], weights.shape[1]);
        var (heads, entries) = (rows / batch, Values.shape[0]);
        var numbers = torch.arange(entries, dtype: ScalarType.Int64, device: weights.device);
        var chosen = Index.unsqueeze(3).eq(numbers).to_type(weights.dtype).expand(batch, size, size, entries);
        var byQuery = weights.view(batch, heads, size, size).transpose(1, 2).reshape(batch * size, heads, size);
        var sums = torch.bmm(byQuery, chosen.reshape(batch * size, size, entries));
        var mixed = torch.matmul(sums, Values).view(batch, size, heads, Values.shape[1]);
        return mixed.transpose(1, 2).reshape(rows, size, Values.shape[1]);
    }
}

/// <summary>The tables that one attention learns, under the published names, xavier-uniform at the start.</summary>
internal sealed class RelativeParameters
{
    private readonly Parameter keys;
    private readonly Parameter values;

    /// <param name="attention">The module that they become a part of.</param>
    /// <param name="entries">Entries C of each table.</param>
    /// <param name="headWidth">Width d_h of a head.</param>
    public RelativeParameters(torch.nn.Module attention, int entries, long headWidth)
    {
        keys = Table("relative_position_k");
        values = Table("relative_position_v");

        Parameter Table(string name)
        {
            var table = new Parameter(torch.empty([entries, headWidth]));
            torch.nn.init.xavier_uniform_(table);
            var group = new Group();
            group.register_parameter("embeddings_table", table);
            attention.register_module(name, group);
            return table;
        }
    }

    /// <summary>The tables for pairs of positions with these entries, [1, S, S] or [b, S, S].</summary>
    public RelativeTables At(Tensor index) => new(keys, values, index);
}

/// <summary>Which entry of the tables a pair of positions has.</summary>
internal static class RelativeIndex
{
    /// <summary>Cells a side of the grid on which boxes are placed.</summary>
    private const int Cells = 14;

    /// <summary>What no rounding makes of a fraction.</summary>
    private const float NoFraction = 2;

    // iRPE's piecewise index (Wu et al. 2021) with its defaults.
    private const double Alpha = 1.9;
    private const double Beta = 2 * Alpha;
    private const double Gamma = 8 * Alpha;
    private const int Farthest = (int)Beta;
    private const int Side = (2 * Farthest) + 1;

    /// <summary>Entries for boxes: one a pair of distances, and one for every pair with the class slot.</summary>
    public const int BoxEntries = (Side * Side) + 1;

    /// <summary>Entries for regions whose relative positions are of a form that options name; 0 for
    /// <c>none</c>.</summary>
    public static int RegionEntries(string form, int distance) => form switch
    {
        "index" => SequenceEntries(distance),
        "grid" => BoxEntries,
        _ => 0,
    };

    /// <summary>Entries for positions in a sequence that are told apart up to a distance.</summary>
    public static int SequenceEntries(int distance) => (2 * distance) + 1;

    /// <summary>[1, S, S]: how far the key is behind the query, at most <paramref name="distance"/> either
    /// way.</summary>
    public static Tensor Sequence(long size, int distance, Device device)
    {
        using var scope = torch.NewDisposeScope();
        var places = torch.arange(size, dtype: ScalarType.Int64, device: device);
        var apart = places.unsqueeze(0) - places.unsqueeze(1);
        return scope.MoveToOuter((apart.clamp(-distance, distance) + distance).unsqueeze(0));
    }

    /// <summary>[b, S, S]: rows and columns between the centres of two boxes on a coarse grid, far ones together. The
    /// first region is the class slot.</summary>
    /// <param name="boxes">[b, S, 4], fractions of the image.</param>
    /// <exception cref="ArgumentException">They are no fractions: all would lie in one cell.</exception>
    public static Tensor Boxes(Tensor boxes)
    {
        var (batch, size) = ((int)boxes.shape[0], (int)boxes.shape[1]);
        var values = boxes.ToArray<float>();
        if (values.Length > 0 && values.Max() is var most and > NoFraction)
        {
            throw new ArgumentException(
                $"image_relative: grid needs boxes as fractions of the image, and one reaches {most}: use boxes in " +
                "fractions (data.box_scale: fractions), or image_relative: index.", nameof(boxes));
        }

        var cells = new (int Row, int Column)[batch * size];
        for (var i = 0; i < cells.Length; i++)
        {
            var box = values.AsSpan(4 * i, 4);
            cells[i] = (Cell((box[1] + box[3]) / 2), Cell((box[0] + box[2]) / 2));
        }

        var index = new long[batch * size * size];
        for (var at = 0; at < index.Length; at++)
        {
            var (sample, i, j) = (at / (size * size), at / size % size, at % size);
            var (from, to) = (cells[(sample * size) + i], cells[(sample * size) + j]);
            index[at] = i == 0 || j == 0
                ? BoxEntries - 1
                : ((Piecewise(from.Row - to.Row) + Farthest) * Side) + Piecewise(from.Column - to.Column) + Farthest;
        }

        return torch.tensor(index, [batch, size, size]).to(boxes.device);
    }

    /// <summary>Near distances as they are, far ones on a logarithmic scale, all beyond in one.</summary>
    internal static int Piecewise(int distance)
    {
        var size = Math.Abs((double)distance);
        if (size <= Alpha)
        {
            return distance;
        }

        var scaled = Math.Round(Alpha + (Math.Log(size / Alpha) / Math.Log(Gamma / Alpha) * (Beta - Alpha)));
        return (int)(Math.Sign(distance) * Math.Min(Beta, scaled));
    }

    private static int Cell(float fraction) => Math.Clamp((int)(fraction * Cells), 0, Cells - 1);
}
