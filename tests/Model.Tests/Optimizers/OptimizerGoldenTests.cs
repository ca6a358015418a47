using Colony.Testing.Npy;
using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>Optimizers on given gradients against PyTorch's numbers, step by step, and their state at the
/// end.</summary>
public sealed class OptimizerGoldenTests
{
    private const double GoldenTolerance = 5e-6;

    /// <summary>The settings behind the case names, as the golden README gives them; files hold numbers only.</summary>
    private static readonly Dictionary<string, (object Options, double LearningRate)> Known = new()
    {
        ["adam"] = (new AdamOptions(), 1e-3),
        ["adam_l2"] = (new AdamOptions { WeightDecay = 0.01 }, 1e-3),
        ["adam_betas"] = (new AdamOptions { Beta1 = 0.937, Beta2 = 0.98, Epsilon = 1e-9 }, 2e-4),
        ["adam_large_eps"] = (new AdamOptions { Epsilon = 0.1 }, 1e-2),
        ["adamw"] = (new AdamOptions { WeightDecay = 0.01, Decoupled = true }, 1e-3),
        ["adamw_kaylode"] = (
            new AdamOptions { Beta1 = 0.937, Beta2 = 0.98, Epsilon = 1e-9, WeightDecay = 5e-4, Decoupled = true },
            1e-3),
        ["adamw_groups"] = (new AdamOptions { WeightDecay = 1e-4, Decoupled = true }, 5e-4),
        ["adam_clip2"] = (new AdamOptions(), 1e-3),
        ["adam_twice"] = (new AdamOptions(), 1e-3),
        ["adam_missing"] = (new AdamOptions(), 1e-3),
        ["adam_zero"] = (new AdamOptions(), 1e-3),
        ["sgd"] = (new SgdOptions(), 0.01),
        ["sgd_momentum"] = (new SgdOptions { Momentum = 0.9 }, 0.01),
        ["sgd_nesterov"] = (new SgdOptions { Momentum = 0.937, Nesterov = true, WeightDecay = 5e-4 }, 0.01),
        ["sgd_dampening"] = (new SgdOptions { Momentum = 0.9, Dampening = 0.3 }, 0.01),
        ["sgd_clip2"] = (new SgdOptions { Momentum = 0.9 }, 0.01),
    };

    /// <summary>Every case; the closed loop has a test of its own.</summary>
    public static TheoryData<string, string> Golden
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var file in Files.Select(row => row.Data))
            {
                string[] names = file.EndsWith(".npz", StringComparison.Ordinal)
                    ? [.. GoldenFolder.Open(file).Under("after/").Select(pair => pair.Name.Split('/')[0]).Distinct()
                        .Except(["loop"])]
                    : [""];
                cases.AddRange([.. names.Select(name => (file, name))]);
            }

            return cases;
        }
    }

    public static TheoryData<string> Files => GoldenFolder.Files("optimizers*.npz");

    [Theory]
    [MemberData(nameof(Golden))]
    public void Steps_agree_with_PyTorch(string file, string name)
    {
        var numbers = GoldenFolder.Open(file);
        Assert.True(Known.TryGetValue(name, out var known), $"no optimizer is known for {name}");
        var (w, b) = (Parameter(numbers, "w"), Parameter(numbers, "b"));
        (string, Tensor)[] list = name == "adam_twice" ? [("w", w), ("b", b), ("b", b)] : [("w", w), ("b", b)];
        using var optimizer = Optimizers.Create(list, known.Options);
        for (var step = 0; step < (int)numbers["meta/steps"].Scalar(); step++)
        {
            using var scope = torch.NewDisposeScope();
            var idle = step + 1 is 3 or 4 or 8;
            SetGradient(w, numbers["input/grad/w"], step, 1);
            SetGradient(b, numbers["input/grad/b"], step, name == "adam_zero" && idle ? 0 : 1);
            if (name == "adam_missing" && idle)
            {
                b.grad = null;
            }

            if (numbers.TryGet($"norm/{name}", out var norms))
            {
                var norm = GradientClipping.ClipByNorm([.. list.Select(pair => pair.Item2)], 2);
                Assert.Equal(1, norm / norms!.ToDoubles()[step], 1e-6);
            }

            optimizer.Step(known.LearningRate, at => name == "adamw_groups" && at == "b" ? 0.1 : 1);
            Near(numbers[$"after/{name}/w"], step, w);
            Near(numbers[$"after/{name}/b"], step, b);
        }

        foreach (var (key, expected) in numbers.Under($"state/{name}/"))
        {
            var found = optimizer.State().Single(pair => pair.Name == key.Replace('/', '.')).Tensor;
            Arrays.Near(expected.ToDoubles(), Arrays.Doubles(found), GoldenTolerance, key);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_closed_loop_of_regression_agrees_with_PyTorch(string file)
    {
        var numbers = GoldenFolder.Open(file);
        var (w, b) = (Parameter(numbers, "w"), Parameter(numbers, "b"));
        using var adam = new Adam([("w", w), ("b", b)], new AdamOptions());
        using var x = Arrays.Tensor(numbers["input/loop/x"]);
        using var y = Arrays.Tensor(numbers["input/loop/y"]);
        var rows = x.shape[0];
        for (var step = 0; step < (int)numbers["meta/steps"].Scalar(); step++)
        {
            using var scope = torch.NewDisposeScope();
            (w.grad, b.grad) = (null, null);
            var loss = (torch.nn.functional.linear(x, w, b) - y).pow(2).sum() / rows;
            loss.backward();
            Assert.Equal(1, loss.ToDouble() / numbers["loss64/loop"].ToDoubles()[step], 1e-5);
            GradientClipping.ClipByNorm([w, b], 2);
            adam.Step(0.05);
            Near(numbers["after/loop/w"], step, w);
            Near(numbers["after/loop/b"], step, b);
        }
    }

    private static Parameter Parameter(NpzFile file, string name) => new(Arrays.Tensor(file[$"param/{name}"]));

    private static void SetGradient(Tensor parameter, NpyArray rows, int step, double scale)
    {
        using var all = Arrays.Tensor(rows);
        parameter.grad = all.select(0, step) * scale;
    }

    private static void Near(NpyArray rows, int step, Tensor found, double tolerance = GoldenTolerance)
    {
        var size = (int)found.numel();
        Arrays.Near(
            rows.ToDoubles()[(step * size)..((step + 1) * size)], Arrays.Doubles(found), tolerance,
            $"{rows.Name}, step {step + 1}");
    }
}
