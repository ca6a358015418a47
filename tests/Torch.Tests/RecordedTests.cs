using System.Text.Json;
using System.Text.Json.Serialization;

namespace Colony.Torch.Tests;

/// <summary>Values that PyTorch gave; Recorded/record.py wrote them.</summary>
public sealed class RecordedTests
{
    private static readonly Dictionary<string, Entry> s_recorded = Read();

    [Fact]
    public void One_seed_gives_PyTorchs_first_values_and_masks()
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(1234);
        (string Name, Func<torch.nn.Module> Make)[] modules =
        [
            ("linear", () => torch.nn.Linear(3, 2)),
            ("embedding", () => torch.nn.Embedding(4, 3, padding_idx: 1)),
            ("conv1d", () => torch.nn.Conv1d(2, 3, 2)),
            ("gru", () => torch.nn.GRU(3, 2, num_layers: 2, bidirectional: true)),
            ("norm", () => torch.nn.BatchNorm1d(2)),
        ];
        foreach (var (prefix, make) in modules)
        {
            using var module = make();
            var expected = s_recorded.Keys.Where(name => name.StartsWith(prefix + ".", StringComparison.Ordinal)
                && !name.EndsWith(".out", StringComparison.Ordinal));
            Assert.Equal(expected, module.state_dict().Select(entry => $"{prefix}.{entry.name}"));
            Assert.All(module.state_dict(), entry => Check($"{prefix}.{entry.name}", entry.tensor, tolerance: 1e-7));
        }

        Check("rand", torch.rand([5]), tolerance: 0);
        Check("randn", torch.randn([5]), tolerance: 1e-6);
        Check("xavier", torch.nn.init.xavier_uniform_(torch.empty([1, 1, 6])), tolerance: 1e-7);
        Check("dropout", torch.nn.functional.dropout(torch.ones([12]), 0.25), tolerance: 1e-7);
    }

    [Fact]
    public void The_packed_gru_and_its_gradients_are_PyTorchs()
    {
        using var scope = torch.NewDisposeScope();
        using var gru = torch.nn.GRU(3, 2, num_layers: 2, bidirectional: true);
        using (torch.no_grad())
        {
            foreach (var (parameter, i) in gru.parameters().Select((parameter, i) => (parameter, i)))
            {
                parameter.copy_(Expect.Grid(parameter.shape) * (0.5 + (0.1 * i)));
            }
        }

        var x = Expect.Grid(4, 5, 3).requires_grad_();
        var (output, hidden) = gru.forward(x, torch.tensor([2L, 5L, 1L, 4L]));
        Check("packed.output", output);
        Check("packed.hidden", hidden);
        (output * Expect.Grid(4, 5, 4)).sum().backward();
        Check("packed.grad", x.grad!);
        Check(
            "packed.weight_hh_l0_reverse.grad",
            gru.named_parameters().Single(p => p.name == "weight_hh_l0_reverse").parameter.grad!);
        (output, hidden) = gru.forward(x, hidden: Expect.Grid(4, 4, 2));
        Check("full.output", output);
        Check("full.hidden", hidden);
    }

    [Fact]
    public void Layers_are_PyTorchs()
    {
        using var scope = torch.NewDisposeScope();
        Check("layer_norm", torch.nn.functional.layer_norm(Grid(2, 3, 4), [4], Grid(4), Grid(4) + 1));
        var mean = torch.zeros([3]);
        var variance = torch.ones([3]);
        Check("batch_norm", torch.nn.functional.batch_norm(
            Grid(4, 3, 2), mean, variance, Grid(3), Grid(3) + 1, training: true));
        Check("batch_norm.mean", mean);
        Check("batch_norm.var", variance);
        Check("batch_norm.eval", torch.nn.functional.batch_norm(Grid(4, 3, 2), mean, variance));
        Check("conv1d.out", torch.nn.functional.conv1d(
            Grid(2, 4, 7), Grid(6, 2, 3), Grid(6), stride: 2, padding: 1, dilation: 2, groups: 2));
        Check("cross_entropy", torch.nn.functional.cross_entropy(
            Grid(4, 3), torch.tensor([0L, 2L, 1L, 2L]), label_smoothing: 0.1));
        Check("cross_entropy.none", torch.nn.functional.cross_entropy(
            Grid(4, 3), torch.tensor([0L, -100L, 1L, 2L]), torch.Reduction.None));
        Check("normalize", torch.nn.functional.normalize(Grid(3, 4)));
        Check("gelu", torch.nn.functional.gelu(Grid(7)));
        Check("cdist", torch.cdist(Grid(2, 3, 4), Grid(2, 5, 4) + 0.05));
        Check("cdist1", torch.cdist(Grid(3, 4), Grid(5, 4) + 0.05, p: 1));
        Check("embedding.out", torch.nn.functional.embedding(
            torch.tensor([0L, 2L, 1L, 1L], [2, 2]), Grid(3, 2), padding_idx: 1));

        static Tensor Grid(params long[] shape) => Expect.Grid(shape);
    }

    private static void Check(string name, Tensor actual, double tolerance = 1e-5)
    {
        var entry = s_recorded[name];
        Expect.Shape(actual, entry.Shape);
        Expect.Values(actual, entry.Values, tolerance);
    }

    private static Dictionary<string, Entry> Read()
    {
        using var stream = typeof(RecordedTests).Assembly.GetManifestResourceStream("pytorch.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, Entry>>(stream)!;
    }

    private sealed record Entry(
        [property: JsonPropertyName("shape")] long[] Shape, [property: JsonPropertyName("values")] double[] Values);
}
