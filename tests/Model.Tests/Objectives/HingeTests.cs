using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class HingeTests
{
    private static readonly double[,] Reference =
    {
        { 0.50, 0.45, 0.40 },
        { 0.20, 0.40, 0.35 },
        { 0.58, -0.05, 0.50 },
    };

    [Theory]
    [InlineData(false, 1.36)]
    [InlineData(true, 1.21)]
    public void The_reference_matrix_costs_what_the_formulas_say(bool hardest, double expected)
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(expected, BidirectionalHinge.Of(Rows.Matrix(Reference), 0.2, hardest).ToDouble(), 1e-12);
    }

    [Fact]
    public void Random_matrices_cost_what_plain_loops_say()
    {
        var random = new Random(11);
        for (var run = 0; run < 30; run++)
        {
            using var scope = torch.NewDisposeScope();
            var size = random.Next(1, 9);
            var scores = new double[size, size];
            foreach (var (i, j) in Rows.Cells(size, size))
            {
                scores[i, j] = (random.NextDouble() * 2) - 1;
            }

            var margin = random.NextDouble() / 2;
            var matrix = Rows.Matrix(scores);
            Assert.Equal(Sum(scores, margin), BidirectionalHinge.Of(matrix, margin, hardest: false).ToDouble(), 1e-9);
            Assert.Equal(Max(scores, margin), BidirectionalHinge.Of(matrix, margin, hardest: true).ToDouble(), 1e-9);
        }
    }

    [Fact]
    public void The_first_epochs_take_all_negatives_and_the_others_the_hardest()
    {
        using var scope = torch.NewDisposeScope();
        var random = new Random(3);
        using var gathered = Rows.Pairs(random, 5, 4);
        var options = new HingeOptions { SumEpochs = 2, Margin = 0.4 };
        var all = new BidirectionalHinge(options with { MaxViolation = false, SumEpochs = 0 }).Loss(gathered, 0, 10);
        var hardest = new BidirectionalHinge(options with { SumEpochs = 0 }).Loss(gathered, 0, 10);
        var mixed = new BidirectionalHinge(options);
        Assert.NotEqual(all.ToDouble(), hardest.ToDouble());
        Assert.Equal(all.ToDouble(), mixed.Loss(gathered, 0, 10).ToDouble());
        Assert.Equal(all.ToDouble(), mixed.Loss(gathered, 19, 10).ToDouble());
        Assert.Equal(hardest.ToDouble(), mixed.Loss(gathered, 20, 10).ToDouble());
    }

    [Fact]
    public void The_gradient_of_tied_negatives_goes_to_one_of_them()
    {
        using var scope = torch.NewDisposeScope();
        var scores = Rows.Matrix(new[,] { { 0.5, 0.45, 0.45 }, { -1.0, 0.5, -1.0 }, { -1.0, -1.0, 0.5 } })
            .requires_grad_(true);
        BidirectionalHinge.Of(scores, 0.2, hardest: true).backward();
        var gradient = Arrays.Doubles(scores.grad!);
        // The first row as a query of captions chooses one column; each of the two columns chooses the first row.
        Assert.Equal([2.0, 1.0], new[] { gradient[1], gradient[2] });
    }

    [Fact]
    public void Matrices_that_are_not_square_are_refused_by_their_sizes()
    {
        using var scope = torch.NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => BidirectionalHinge.Of(torch.zeros([2, 3]), 0.2, true));
        Assert.Contains("2 images and 3 captions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_score_is_minus_the_length_of_the_violation()
    {
        using var scope = torch.NewDisposeScope();
        var images = Rows.Matrix(new[,] { { 0.5, 0.1, 0.3 }, { 1.0, 1.0, 1.0 } });
        var captions = Rows.Matrix(new[,] { { 0.6, 0.0, 0.7 } });
        var scores = Arrays.Doubles(Similarity.Order(images, captions));
        Assert.Equal(-0.412310562562, scores[0], 1e-12);
        Assert.Equal(0.0, scores[1]);
    }

    [Fact]
    public void A_pair_without_violation_has_a_gradient_of_zero()
    {
        using var scope = torch.NewDisposeScope();
        var images = Rows.Matrix(new[,] { { 1.0, 1.0 }, { 0.5, 0.2 } }).requires_grad_(true);
        var captions = Rows.Matrix(new[,] { { 0.3, 0.4 } });
        Similarity.Order(images, captions).sum().backward();
        Assert.Equal([0.0, 0.0, 0.0, 1.0], Arrays.Doubles(images.grad!));
    }

    private static double Sum(double[,] scores, double margin)
    {
        var size = scores.GetLength(0);
        return Rows.Cells(size, size).Where(at => at.I != at.J).Sum(at =>
            Math.Max(0, margin + scores[at.I, at.J] - scores[at.I, at.I])
            + Math.Max(0, margin + scores[at.I, at.J] - scores[at.J, at.J]));
    }

    private static double Max(double[,] scores, double margin)
    {
        var size = scores.GetLength(0);
        var total = 0.0;
        for (var i = 0; i < size; i++)
        {
            var (captions, images) = (0.0, 0.0);
            for (var j = 0; j < size; j++)
            {
                if (i != j)
                {
                    captions = Math.Max(captions, margin + scores[i, j] - scores[i, i]);
                    images = Math.Max(images, margin + scores[j, i] - scores[i, i]);
                }
            }

            total += captions + images;
        }

        return total;
    }

    [Fact]
    public void The_two_order_scores_differ_by_a_root()
    {
        using var scope = torch.NewDisposeScope();
        var image = Rows.Matrix(new[,] { { 0.5, 0.1, 0.3 } });
        var caption = Rows.Matrix(new[,] { { 0.6, 0, 0.7 } });
        Assert.Equal(-0.17, Similarity.Scores("order_penalty", image, caption).ToDouble(), 1e-12);
        Assert.Equal(-0.412310562562, Similarity.Scores("order", image, caption).ToDouble(), 1e-11);
    }

    /// <summary>Against differences of the formula itself, E = sum over d of max(0, caption − image)².</summary>
    [Fact]
    public void The_squared_order_penalty_has_its_gradients()
    {
        const double Step = 1e-6;
        var random = new Random(5);
        var (images, captions) = (Draw(random), Draw(random));
        using var scope = torch.NewDisposeScope();
        var (left, right) = (Rows.Matrix(images), Rows.Matrix(captions));
        left.requires_grad = right.requires_grad = true;
        Similarity.Scores("order_penalty", left, right).sum().backward();
        foreach (var (values, tensor) in new[] { (images, left), (captions, right) })
        {
            var gradient = Arrays.Doubles(tensor.grad!);
            var column = values.GetLength(1);
            for (var k = 0; k < gradient.Length; k++)
            {
                ref var value = ref values[k / column, k % column];
                var at = value;
                value = at + Step;
                var above = Penalty(images, captions);
                value = at - Step;
                var below = Penalty(images, captions);
                value = at;
                Assert.Equal((below - above) / (2 * Step), gradient[k], 1e-7);
            }
        }
    }

    private static double[,] Draw(Random random)
    {
        var values = new double[4, 5];
        for (var k = 0; k < values.Length; k++)
        {
            values[k / 5, k % 5] = random.NextDouble();
        }

        return values;
    }

    private static double Penalty(double[,] images, double[,] captions)
        => Rows.Cells(images.GetLength(0), captions.GetLength(0)).Sum(at => Enumerable.Range(0, images.GetLength(1))
            .Sum(d => Math.Pow(Math.Max(0, captions[at.J, d] - images[at.I, d]), 2)));

    [Fact]
    public void Of_an_images_views_the_best_counts()
    {
        using var scope = torch.NewDisposeScope();
        var images = Rows.Matrix(new[,] { { 1.0, 0, 0, 2 }, { 0.5, 0.5, -1, -1 } });
        var captions = Rows.Matrix(new[,] { { 1.0, 0 }, { 0, 1 }, { -1, -1 } });
        Assert.Equal([1.0, 2, -1, 0.5, 0.5, 2], Arrays.Doubles(Similarity.Scores("views", images, captions)));
        Assert.Throws<ArgumentException>(() => Similarity.Scores("views", images, Rows.Matrix(new double[1, 3])));
    }
}
