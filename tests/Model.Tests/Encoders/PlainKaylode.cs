namespace Colony.Model.Tests;

/// <summary>One side of kaylode's TERN in evaluation (models.md 1C and 2.1), one number after the other.</summary>
/// <param name="weights">The encoder's parameters by name.</param>
/// <param name="heads">Heads of every layer.</param>
internal sealed class PlainKaylode(IReadOnlyDictionary<string, double[]> weights, int heads)
{
    /// <summary>The entry of the tables that query i and key j have.</summary>
    public delegate int Entry(int i, int j);

    /// <param name="x">Rows of the input's width.</param>
    /// <param name="name">The layer's name.</param>
    public double[][] Linear(double[][] x, string name)
    {
        var (weight, bias) = (weights[$"{name}.weight"], weights[$"{name}.bias"]);
        return [.. x.Select(row => bias
            .Select((shift, o) => shift + row.Select((value, i) => value * weight[(o * row.Length) + i]).Sum())
            .ToArray())];
    }

    /// <summary>A transformer of these layers, under their names, with a final norm where the weights have
    /// one.</summary>
    /// <param name="x">The tokens of one sample [S][d].</param>
    /// <param name="name">The transformer's name.</param>
    /// <param name="layers">Names of its layers, behind its own.</param>
    /// <param name="entry">Entries of pairs of positions, for layers that have tables.</param>
    public double[][] Transformer(double[][] x, string name, string[] layers, Entry entry)
    {
        foreach (var layer in layers)
        {
            x = Layer(x, $"{name}.{layer}", entry);
        }

        return weights.ContainsKey($"{name}.norm.a_2") ? Norm(x, $"{name}.norm") : x;
    }

    /// <summary>Every token projected, their mean at length 1.</summary>
    public double[] Finish(double[][] x, string name)
    {
        var hidden = Linear(x, $"{name}.model.0").Select(row => row.Select(value => Math.Max(value, 0)).ToArray());
        var projected = Linear([.. hidden], $"{name}.model.2");
        var mean = projected[0].Select((_, d) => projected.Average(row => row[d])).ToArray();
        var length = Math.Sqrt(mean.Sum(value => value * value));
        return [.. mean.Select(value => value / length)];
    }

    private static double[][] Sum(double[][] x, double[][] y) =>
        [.. x.Zip(y, (a, b) => a.Zip(b, (c, d) => c + d).ToArray())];

    private static double Gelu(double x) => 0.5 * x * (1 + Erf(x / Math.Sqrt(2)));

    /// <summary>The Taylor series, which is exact enough for the small numbers here.</summary>
    private static double Erf(double x)
    {
        var (term, sum) = (x, x);
        for (var n = 1; n < 80; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private double[][] Layer(double[][] x, string name, Entry entry)
    {
        var attended = Attend(Norm(x, $"{name}.norm_1"), $"{name}.attn", entry);
        var y = Sum(x, attended);
        var hidden = Linear(Norm(y, $"{name}.norm_2"), $"{name}.ff.w_1").Select(row => row.Select(Gelu).ToArray());
        return Sum(y, Linear([.. hidden], $"{name}.ff.w_2"));
    }

    private double[][] Attend(double[][] x, string name, Entry entry)
    {
        var (q, k, v) = (
            Linear(x, $"{name}.q_linear"), Linear(x, $"{name}.k_linear"), Linear(x, $"{name}.v_linear"));
        var width = x[0].Length / heads;
        var keys = weights.GetValueOrDefault($"{name}.relative_position_k.embeddings_table");
        var values = weights.GetValueOrDefault($"{name}.relative_position_v.embeddings_table");
        var mixed = x.Select(row => new double[row.Length]).ToArray();
        for (var at = 0; at < x.Length * heads; at++)
        {
            var (i, from) = (at / heads, at % heads * width);
            var scores = x.Select((_, j) => Math.Exp(Enumerable.Range(0, width)
                .Sum(d => q[i][from + d] * (k[j][from + d] + Of(keys, i, j, d))) / Math.Sqrt(width))).ToArray();
            foreach (var (j, d) in Rows.Cells(x.Length, width))
            {
                mixed[i][from + d] += scores[j] / scores.Sum() * (v[j][from + d] + Of(values, i, j, d));
            }
        }

        return Linear(mixed, $"{name}.out");

        double Of(double[]? table, int i, int j, int d) => table is null ? 0 : table[(entry(i, j) * width) + d];
    }

    private double[][] Norm(double[][] x, string name)
    {
        var (scale, shift) = (weights[$"{name}.a_2"], weights[$"{name}.b_2"]);
        return [.. x.Select(row =>
        {
            var mean = row.Average();
            var deviation = Math.Sqrt(row.Sum(value => (value - mean) * (value - mean)) / (row.Length - 1));
            return row.Select((value, d) => (scale[d] * (value - mean) / (deviation + 1e-6)) + shift[d]).ToArray();
        })];
    }
}
