using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>The generalized pooling operator and k-max pooling alone.</summary>
public sealed class PoolGoldenTests
{
    public static TheoryData<string> Files => GoldenFolder.Files("gpo_pool*.npz");

    [Theory]
    [MemberData(nameof(Files))]
    public void Both_poolings_agree_with_their_gradients(string file)
    {
        using var scope = torch.NewDisposeScope();
        var numbers = GoldenFolder.Open(file);
        var tolerances = Tolerances.Of(file);
        using var pool = new GpoPool((int)numbers["meta/d_pe"].Scalar(), (int)numbers["meta/d_hidden"].Scalar());
        pool.load_state_dict(
            numbers.Under("param/").ToDictionary(pair => pair.Name, pair => Arrays.Tensor(pair.Array)));
        pool.Probe = (name, tensor) => Near($"output/{name}", tensor);
        var features = Arrays.Tensor(numbers["input/features"]).requires_grad_();
        var lengths = Arrays.Tensor(numbers["input/lengths"]);
        var weight = Arrays.Tensor(numbers["input/loss_weight"]);
        using var mask = PaddingMask.Of(lengths, features.shape[1], "lengths");
        var pooled = pool.forward(features, lengths, mask);
        var largest = MaxKPool.Pool(features, lengths, mask, (int)numbers["meta/k"].Scalar());
        Near("output/pooled", pooled);
        Near("output/max_k", largest);
        Near("output/positions", pool.Positions(features.shape[1]));
        var (first, second) = ((pooled * weight).sum(), (largest * weight).sum());
        Arrays.Near(numbers["loss/gpo"].ToDoubles(), [first.ToDouble()], tolerances.Loss, "loss/gpo");
        Arrays.Near(numbers["loss/max_k"].ToDoubles(), [second.ToDouble()], tolerances.Loss, "loss/max_k");
        (first + second).backward();
        Slope("input/features", features.grad!);
        foreach (var (name, parameter) in pool.named_parameters())
        {
            Slope(name, parameter.grad!);
        }

        void Near(string name, Tensor found) =>
            Arrays.Near(numbers[name].ToDoubles(), Arrays.Doubles(found), tolerances.Output, name);

        void Slope(string name, Tensor found)
        {
            var expected = numbers[$"grad/{name}"].ToDoubles();
            var allowed = tolerances.Gradient * expected.Max(Math.Abs);
            Arrays.Near(expected, Arrays.Doubles(found), allowed, $"grad/{name}");
        }
    }
}
