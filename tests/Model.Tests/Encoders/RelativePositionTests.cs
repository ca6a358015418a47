using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>Relative position representations against plain loops, since no published numbers are at hand.</summary>
public sealed class RelativePositionTests
{
    private const int Batch = 2;
    private const int Heads = 2;
    private const int Size = 4;
    private const int HeadWidth = 3;
    private const int Width = Heads * HeadWidth;

    [Fact]
    public void The_worked_example_of_the_specification_comes_out()
    {
        using var scope = torch.NewDisposeScope();
        using var dropout = torch.nn.Dropout(0);
        var tables = new RelativeTables(
            Rows.Matrix(new[,] { { 0.1, 0.2 }, { 0, 0.3 }, { -0.2, 0.1 } }),
            Rows.Matrix(new[,] { { 0.5, 0 }, { 0, 0 }, { 0, 0.5 } }), RelativeIndex.Sequence(3, 1, default));
        var z = Attention.Attend(
            Rows.Matrix(new double[,] { { 1, 0 }, { 0, 1 }, { 1, 1 } }).unsqueeze(1),
            Rows.Matrix(new[,] { { 1, 0 }, { 0, 1 }, { 0.5, 0.5 } }).unsqueeze(1),
            Rows.Matrix(new double[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }).unsqueeze(1), 1, null, dropout, null, tables);
        Arrays.Near(
            [2.616796, 3.871413, 3.256193, 4.292485, 3.333333, 4.0], Arrays.Doubles(z), 1e-6, "the worked example");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Attention_is_what_plain_loops_give_and_its_gradients_what_differences_give(bool own)
    {
        using var scope = torch.NewDisposeScope();
        var random = new Random(4);
        const int Entries = 5;
        var index = new long[(own ? Batch : 1) * Size * Size];
        for (var i = 0; i < index.Length; i++)
        {
            index[i] = random.Next(Entries);
        }

        double[][] values =
        [
            Draw(random, Size * Batch * Width), Draw(random, Size * Batch * Width), Draw(random, Size * Batch * Width),
            Draw(random, Entries * HeadWidth), Draw(random, Entries * HeadWidth),
        ];
        var weights = Draw(random, Size * Batch * Width);
        var tensors = values.Select((x, i) => torch.tensor(
            x, i < 3 ? [Size, Batch, Width] : [Entries, HeadWidth]).requires_grad_()).ToArray();
        using var dropout = torch.nn.Dropout(0);
        using var mask = PaddingMask.Of(torch.tensor([3L, 4L], [Batch]), Size, "lengths");
        var result = Attention.Attend(
            tensors[0], tensors[1], tensors[2], Heads, mask, dropout, null, new RelativeTables(
                tensors[3], tensors[4], torch.tensor(index, [own ? Batch : 1, Size, Size])));
        Arrays.Near(Plain(values, index), Arrays.Doubles(result), 1e-12, "attention");
        (result * torch.tensor(weights, [Size, Batch, Width])).sum().backward();
        for (var i = 0; i < values.Length; i++)
        {
            var slopes = Arrays.Doubles(tensors[i].grad!);
            for (var at = 0; at < slopes.Length; at++)
            {
                Assert.Equal(Difference(values, index, weights, i, at), slopes[at], 1e-7);
            }
        }
    }

    [Fact]
    public void Distances_are_told_apart_up_to_the_limit()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(
            [2.0, 3, 4, 4, 1, 2, 3, 4, 0, 1, 2, 3, 0, 0, 1, 2],
            Arrays.Doubles(RelativeIndex.Sequence(4, 2, default)));
        Assert.Equal([0, 1, 2, 2, 3, 3, 3], new[] { 0, 1, 2, 3, 4, 8, 20 }.Select(RelativeIndex.Piecewise));
        Assert.Equal(-2, RelativeIndex.Piecewise(-3));
    }

    [Fact]
    public void Boxes_are_placed_by_rows_and_columns_and_the_class_slot_is_apart()
    {
        using var scope = torch.NewDisposeScope();

        // The slot, a box at the upper left, one 1 cell right of it, one far below.
        float[] boxes = [0, 0, 0, 0, 0, 0, 0.1f, 0.1f, 0.05f, 0, 0.15f, 0.1f, 0, 0.9f, 0.1f, 1];
        var index = Arrays.Doubles(RelativeIndex.Boxes(torch.tensor(boxes, [1, 4, 4]))).Chunk(4).ToArray();
        Assert.All(index[0], entry => Assert.Equal(49.0, entry));
        Assert.All(index, row => Assert.Equal(49.0, row[0]));
        const double Middle = (3 * 7) + 3;
        Assert.Equal([Middle, Middle - 1, 3.0], index[1][1..]);
        Assert.Equal([Middle + 1, Middle, 4.0], index[2][1..]);
        Assert.Equal([(6 * 7) + 3.0, (6 * 7) + 2.0, Middle], index[3][1..]);
    }

    [Fact]
    public void The_order_of_words_matters_to_layers_that_have_nothing_else_of_it()
    {
        using var scope = torch.NewDisposeScope();
        foreach (var relative in new[] { false, true })
        {
            using var encoder = Samples.Create("tern", Samples.Tern with
            {
                TextLayers = 1, JointLayers = 0, TextAggregation = "sum", TextRelative = relative, Dropout = 0,
            });
            using var slice = Samples.Slice(4, [3], [4]);
            var before = Arrays.Doubles(encoder.EncodeCaptions(slice));
            var words = slice[TensorNames.CaptionFeatures];
            using var turned = words.flip(1);
            words.copy_(turned);
            var after = Arrays.Doubles(encoder.EncodeCaptions(slice));
            Assert.Equal(relative, before.Zip(after, (a, b) => Math.Abs(a - b)).Max() > 1e-5);
        }
    }

    [Fact]
    public void Relative_positions_of_tokens_need_layers_over_tokens()
    {
        var error = Assert.Throws<ArgumentException>(
            () => Samples.Create("tern", Samples.Tern with { TextRelative = true, TextLayers = 0 }));
        Assert.Contains("text_layers", error.Message, StringComparison.Ordinal);
    }

    private static double[] Draw(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (random.NextDouble() * 2) - 1)];

    private static double Difference(double[][] values, long[] index, double[] weights, int which, int at)
    {
        const double Step = 1e-5;
        return (Weighted(Step) - Weighted(-Step)) / (2 * Step);

        double Weighted(double change)
        {
            var moved = values.Select(x => (double[])x.Clone()).ToArray();
            moved[which][at] += change;
            return Plain(moved, index).Zip(weights, (a, b) => a * b).Sum();
        }
    }

    /// <summary>Shaw's formulas (models.md 2.1), one number after the other; the first sample has one position
    /// less.</summary>
    private static double[] Plain(double[][] values, long[] index)
    {
        var result = new double[Size * Batch * Width];
        for (var b = 0; b < Batch; b++)
        {
            for (var h = 0; h < Heads; h++)
            {
                for (var i = 0; i < Size; i++)
                {
                    Position(values, index, b, h, i, result);
                }
            }
        }

        return result;
    }

    private static void Position(double[][] values, long[] index, int b, int h, int i, double[] result)
    {
        var keys = b == 0 ? Size - 1 : Size;
        var scores = new double[keys];
        for (var j = 0; j < keys; j++)
        {
            for (var d = 0; d < HeadWidth; d++)
            {
                scores[j] += values[0][At(i, d)] * (values[1][At(j, d)] + values[3][Entry(j, d)]);
            }

            scores[j] = Math.Exp(scores[j] / Math.Sqrt(HeadWidth));
        }

        for (var j = 0; j < keys; j++)
        {
            for (var d = 0; d < HeadWidth; d++)
            {
                result[At(i, d)] += scores[j] / scores.Sum() * (values[2][At(j, d)] + values[4][Entry(j, d)]);
            }
        }

        int At(int position, int d) => (((position * Batch) + b) * Width) + (h * HeadWidth) + d;

        int Entry(int j, int d)
        {
            var sample = index.Length > Size * Size ? b * Size * Size : 0;
            return ((int)index[sample + (i * Size) + j] * HeadWidth) + d;
        }
    }
}
