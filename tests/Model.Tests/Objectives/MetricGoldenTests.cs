using Colony.Testing.Npy;
using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>Metric losses and miners against pytorch-metric-learning's numbers.</summary>
public sealed class MetricGoldenTests
{
    private const string Reference = "_with_reference";

    public static TheoryData<string, string> Losses => Cases("metric_losses*.npz", "loss/");

    public static TheoryData<string, string> Tuples => Cases("metric_miners*.npz", "output/");

    [Theory]
    [MemberData(nameof(Losses))]
    public void Losses_agree_with_their_gradients(string file, string name)
    {
        using var scope = torch.NewDisposeScope();
        var numbers = GoldenFolder.Open(file);
        var inputs = new Dictionary<string, Tensor>();
        var loss = MetricCases.Objective(name).Of(Batch(numbers, name, inputs));
        loss.backward();
        var tolerances = Tolerances.Of(file);
        Arrays.Near(numbers[$"loss/{name}"].ToDoubles(), [loss.ToDouble()], tolerances.Loss, $"loss/{name}");
        var gradients = numbers.Under($"grad/{name}/").ToArray();
        Assert.NotEmpty(gradients);
        foreach (var (input, array) in gradients)
        {
            var expected = array.ToDoubles();
            var allowed = tolerances.Gradient * expected.Max(Math.Abs);
            Arrays.Near(expected, Arrays.Doubles(inputs[input].grad!), allowed, $"grad/{name}/{input}");
        }
    }

    [Theory]
    [MemberData(nameof(Tuples))]
    public void Miners_choose_the_same_tuples(string file, string name)
    {
        using var scope = torch.NewDisposeScope();
        var numbers = GoldenFolder.Open(file);
        var miner = Miners.Of(MetricCases.WithMiner(
            new PairOptions(), name.Replace(Reference, "", StringComparison.Ordinal)));
        var mined = miner!.Mine(Batch(numbers, name, []));
        var expected = numbers.Under($"output/{name}/").ToDictionary(pair => pair.Name, pair => pair.Array.ToDoubles());
        Assert.Equal(expected.Count == 3, mined.Aligned);
        Assert.Equal(expected[mined.Aligned ? "a" : "a1"], Numbers(mined.PositiveAnchors));
        Assert.Equal(expected["p"], Numbers(mined.Positives));
        Assert.Equal(expected[mined.Aligned ? "a" : "a2"], Numbers(mined.NegativeAnchors));
        Assert.Equal(expected["n"], Numbers(mined.Negatives));
    }

    private static MetricBatch Batch(NpzFile numbers, string name, Dictionary<string, Tensor> inputs)
    {
        if (name.EndsWith("_text_image", StringComparison.Ordinal))
        {
            return MetricBatch.Together(Input("text"), Input("image"));
        }

        var (rows, labels) = (Input("embeddings"), Arrays.Tensor(numbers["input/labels"]));
        return name.EndsWith(Reference, StringComparison.Ordinal)
            ? MetricBatch.Of(rows, labels, Input("reference"), Arrays.Tensor(numbers["input/reference_labels"]))
            : MetricBatch.Of(rows, labels);

        Tensor Input(string input) => inputs[input] = Arrays.Tensor(numbers[$"input/{input}"]).requires_grad_();
    }

    private static double[] Numbers(int[] indices) => [.. indices.Select(index => (double)index)];

    private static TheoryData<string, string> Cases(string pattern, string prefix)
    {
        var cases = new TheoryData<string, string>();
        foreach (var file in GoldenFolder.Files(pattern).Select(row => row.Data))
        {
            // The row of a folder that is not there, which skips or fails when the test opens it.
            var names = file.EndsWith(".npz", StringComparison.Ordinal)
                ? GoldenFolder.Open(file).Under(prefix).Select(pair => pair.Name.Split('/')[0]).Distinct()
                : [""];
            cases.AddRange([.. names.Select(name => (file, name))]);
        }

        return cases;
    }
}
