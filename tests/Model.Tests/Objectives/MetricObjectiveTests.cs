using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class MetricObjectiveTests
{
    private static readonly double[,] Reference = { { 1, 0 }, { 0.6, 0.8 }, { 0.8, 0.6 }, { 0, 1 } };

    [Fact]
    public void The_reference_rows_cost_what_the_formulas_say()
    {
        using var scope = torch.NewDisposeScope();
        var rows = Together(Rows.Matrix(Reference));
        Assert.Equal(0.941889833876, new Contrastive(new ContrastiveOptions()).Of(rows).ToDouble(), 1e-10);
        Assert.Equal(0.399612819559, new TripletMargin(new TripletOptions()).Of(rows).ToDouble(), 1e-10);
        Assert.Equal(1.221855983496, new NtXent(new NtXentOptions()).Of(rows).ToDouble(), 1e-10);
        Assert.Equal(0.498811128881, new MultiSimilarity(new MultiSimilarityOptions()).Of(rows).ToDouble(), 1e-10);
        Assert.Equal(28.864830089207, new Circle(new CircleOptions()).Of(rows).ToDouble(), 1e-10);
        Assert.Equal(0.966801729697, new SupCon(new SupConOptions()).Of(rows).ToDouble(), 1e-10);
    }

    [Theory]
    [InlineData("contrastive")]
    [InlineData("triplet")]
    [InlineData("ntxent")]
    [InlineData("custom_ntxent")]
    public void Random_pairs_cost_what_plain_loops_say(string name)
    {
        Assert.True(ObjectiveRegistry.TryGet(name, out var entry));
        var objective = entry.Create(Activator.CreateInstance(entry.OptionsType)!);
        var random = new Random(5);
        for (var run = 0; run < 10; run++)
        {
            using var scope = torch.NewDisposeScope();
            var count = random.Next(2, 7);
            using var pairs = Rows.Pairs(random, count, random.Next(2, 9));
            var rows = Unit(pairs[TensorNames.CaptionEmbeddings])
                .Concat(Unit(pairs[TensorNames.ImageEmbeddings]))
                .ToArray();
            var expected = name switch
            {
                "contrastive" => Contrastive(rows),
                "triplet" => Triplet(rows, 0.05),
                "ntxent" => NtXent(rows, 0.07),
                _ => CustomNtXent(rows, 0.5),
            };
            Assert.Equal(expected, objective.Loss(pairs, 0, 1).ToDouble(), 1e-8 * Math.Max(1, expected));
        }
    }

    [Fact]
    public void Batches_without_any_cost_give_zero_and_a_finite_gradient()
    {
        using var scope = torch.NewDisposeScope();
        var rows = Rows.Matrix(new double[,] { { 1, 0 }, { -1, 0 }, { 1, 0 }, { -1, 0 } }).requires_grad_(true);
        var loss = new Contrastive(new ContrastiveOptions()).Of(Together(rows))
            + new TripletMargin(new TripletOptions()).Of(Together(rows));
        loss.backward();
        Assert.Equal(0.0, loss.ToDouble());
        Assert.All(Arrays.Doubles(rows.grad!), slope => Assert.Equal(0.0, slope));
    }

    [Fact]
    public void Scores_are_cosines_whatever_the_lengths()
    {
        using var scope = torch.NewDisposeScope();
        var images = Rows.Matrix(new double[,] { { 3, 0 }, { 0, 0.5 } });
        var captions = Rows.Matrix(new double[,] { { 6, 8 } });
        var scores = new NtXent(new NtXentOptions()).Scores(images, captions);
        Arrays.Near([0.6, 0.8], Arrays.Doubles(scores), 1e-12, "scores");
    }

    /// <summary>InfoNCE compares captions with images alone, each way; ConVIRT's loss is the same thing.</summary>
    [Fact]
    public void InfoNce_is_the_cross_entropy_of_both_ways()
    {
        Assert.True(ObjectiveRegistry.TryGet("info_nce", out var entry));
        var objective = entry.Create(new InfoNceOptions { Temperature = 0.3 });
        var other = new CustomNtXent(new CustomNtXentOptions { Temperature = 0.3 });
        using var scope = torch.NewDisposeScope();
        using var pairs = Rows.Pairs(new Random(8), 5, 4);
        Assert.Equal(other.Loss(pairs, 0, 1).ToDouble(), objective.Loss(pairs, 0, 1).ToDouble(), 1e-10);
    }

    [Theory]
    [InlineData("contrastive")]
    [InlineData("triplet")]
    [InlineData("ntxent")]
    [InlineData("info_nce")]
    [InlineData("custom_ntxent")]
    [InlineData("multi_similarity")]
    [InlineData("circle")]
    [InlineData("supcon")]
    public void A_single_pair_has_a_finite_loss_and_gradient(string name)
    {
        Assert.True(ObjectiveRegistry.TryGet(name, out var entry));
        using var scope = torch.NewDisposeScope();
        using var pair = Rows.Pairs(new Random(8), 1, 4);
        foreach (var input in pair.Names)
        {
            pair[input].requires_grad_();
        }

        var loss = entry.Create(Activator.CreateInstance(entry.OptionsType)!).Loss(pair, 0, 1);
        loss.backward();
        Assert.True(double.IsFinite(loss.ToDouble()));
        Assert.All(pair.Names, input => Assert.All(Arrays.Doubles(pair[input].grad!), slope =>
            Assert.True(double.IsFinite(slope))));
    }

    [Fact]
    public void A_miner_that_finds_nothing_leaves_a_loss_of_zero()
    {
        using var scope = torch.NewDisposeScope();
        var rows = Rows.Matrix(Reference).requires_grad_(true);
        var none = new PairOptions { Miner = "easy", MinerMargin = 4 };
        var loss = new TripletMargin(new TripletOptions { Pairs = none }).Of(Together(rows))
            + new NtXent(new NtXentOptions { Pairs = none }).Of(Together(rows));
        loss.backward();
        Assert.Equal(0.0, loss.ToDouble());
        Assert.All(Arrays.Doubles(rows.grad!), slope => Assert.Equal(0.0, slope));
    }

    [Fact]
    public void Names_of_no_miner_and_no_distance_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Miners.Of(new PairOptions { Miner = "gold" }));
        Assert.Throws<ArgumentException>(() => new PairDistance("manhattan"));
        Assert.Null(Miners.Of(new PairOptions()));
    }

    private static MetricBatch Together(Tensor rows)
    {
        var half = rows.shape[0] / 2;
        return MetricBatch.Together(rows.narrow(0, 0, half), rows.narrow(0, half, half));
    }

    private static double[][] Unit(Tensor rows)
    {
        var width = (int)rows.shape[1];
        return Arrays.Doubles(rows).Chunk(width)
            .Select(row => row.Select(x => x / Math.Sqrt(row.Sum(y => y * y))).ToArray())
            .ToArray();
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());

    private static double MeanOfNonzero(IEnumerable<double> costs)
    {
        var above = costs.Where(cost => cost > 0).ToArray();
        return above.Length == 0 ? 0 : above.Average();
    }

    private static double Contrastive(double[][] rows)
    {
        var half = rows.Length / 2;
        var cells = Rows.Cells(rows.Length, rows.Length).Where(at => at.I != at.J).ToArray();
        return MeanOfNonzero(cells.Where(at => at.I % half == at.J % half)
                .Select(at => Distance(rows[at.I], rows[at.J])))
            + MeanOfNonzero(cells.Where(at => at.I % half != at.J % half)
                .Select(at => 1 - Distance(rows[at.I], rows[at.J])));
    }

    private static double Triplet(double[][] rows, double margin)
    {
        var half = rows.Length / 2;
        return MeanOfNonzero(Rows.Cells(rows.Length, rows.Length).Where(at => at.I % half != at.J % half).Select(at =>
            Distance(rows[at.I], rows[(at.I + half) % rows.Length]) - Distance(rows[at.I], rows[at.J]) + margin));
    }

    private static double NtXent(double[][] rows, double temperature)
    {
        var half = rows.Length / 2;
        return Enumerable.Range(0, rows.Length).Average(i =>
        {
            var others = Enumerable.Range(0, rows.Length).Where(j => j != i)
                .Sum(j => Math.Exp(Dot(rows[i], rows[j]) / temperature));
            return Math.Log(others) - (Dot(rows[i], rows[(i + half) % rows.Length]) / temperature);
        });
    }

    private static double CustomNtXent(double[][] rows, double temperature)
    {
        var half = rows.Length / 2;
        return Enumerable.Range(0, half).Average(i =>
        {
            var own = Dot(rows[i], rows[i + half]) / temperature;
            var row = Enumerable.Range(0, half).Sum(j => Math.Exp(Dot(rows[i + half], rows[j]) / temperature));
            var column = Enumerable.Range(0, half).Sum(j => Math.Exp(Dot(rows[i], rows[j + half]) / temperature));
            return ((Math.Log(row) + Math.Log(column)) / 2) - own;
        });
    }
}
