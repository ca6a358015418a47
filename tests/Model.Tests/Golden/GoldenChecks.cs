using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>The comparisons that every model is held to, one an aspect.</summary>
internal static class GoldenChecks
{
    /// <summary>Gradients below this share of the file's largest say nothing after an adaptive step (golden
    /// README).</summary>
    private const double HardlyAnyGradient = 1e-5;

    private const double SmallGradient = 1e-3;

    /// <summary>A tensor whose gradients all lie below this share of the file's largest has a gradient of zero in
    /// mathematics, and rounding noise in float32 (the golden README names them): noise is all that is asked
    /// for.</summary>
    private const double Noise = 1e-7;

    private const double StepTolerance = 1e-5;

    public static void Outputs(GoldenCase golden)
    {
        using var scope = torch.NewDisposeScope();
        using var encoded = golden.Encode();
        var found = new Dictionary<string, double[]>(golden.Probes, StringComparer.Ordinal);
        foreach (var name in encoded.Names)
        {
            found[golden.NameInFile(name)] = Arrays.Doubles(encoded[name]);
        }

        found["scores"] = Arrays.Doubles(golden.Objective.Scores(
            encoded[TensorNames.ImageEmbeddings], encoded[TensorNames.CaptionEmbeddings]));
        foreach (var (name, array) in golden.Numbers.Under("output/"))
        {
            Assert.True(found.ContainsKey(name), $"nothing was reported for output/{name}");
            Arrays.Near(array.ToDoubles(), found[name], golden.Tolerances.Output, $"output/{name}");
        }
    }

    public static void Loss(GoldenCase golden)
    {
        using var scope = torch.NewDisposeScope();
        using var encoded = golden.Encode();
        var loss = golden.Objective.Loss(encoded, 0, 1).ToDouble();
        var expected = golden.Numbers["loss/total"].Scalar();
        Assert.InRange(loss, expected - golden.Tolerances.Loss, expected + golden.Tolerances.Loss);
    }

    /// <summary>The objective alone: from the file's embeddings to the loss and the gradients of those
    /// embeddings.</summary>
    public static void LossAlone(GoldenCase golden)
    {
        using var scope = torch.NewDisposeScope();
        using var embeddings = new NamedTensors();
        foreach (var name in golden.Objective.Inputs)
        {
            var tensor = Arrays.Tensor(golden.Numbers[$"output/{golden.NameInFile(name)}"]);
            embeddings.Add(name, tensor.requires_grad_(true));
        }

        var loss = golden.Objective.Loss(embeddings, 0, 1);
        loss.backward();
        var expected = golden.Numbers["loss/total"].Scalar();
        Assert.InRange(loss.ToDouble(), expected - golden.Tolerances.Loss, expected + golden.Tolerances.Loss);
        foreach (var name in golden.Objective.Inputs)
        {
            var gradient = golden.Numbers[$"grad/output/{golden.NameInFile(name)}"].ToDoubles();
            var allowed = golden.Tolerances.Gradient * gradient.Max(x => Math.Abs(x));
            Arrays.Near(gradient, Arrays.Doubles(embeddings[name].grad!), allowed, $"grad/output/{name}");
        }
    }

    public static void Gradients(GoldenCase golden)
    {
        using var scope = torch.NewDisposeScope();
        using var encoded = golden.Encode();
        golden.Objective.Loss(encoded, 0, 1).backward();
        var largest = LargestGradient(golden);
        var (floor, zero) = (SmallGradient * largest, Noise * largest);
        foreach (var (name, parameter) in golden.Parameters)
        {
            Compare(name, parameter.grad);
        }

        foreach (var name in golden.Batch.Names.Where(name => golden.Batch[name].requires_grad))
        {
            Compare($"input/{golden.NameInFile(name)}", golden.Batch[name].grad);
        }

        void Compare(string name, Tensor? gradient)
        {
            if (!golden.Numbers.TryGet($"grad/{name}", out var expected))
            {
                Assert.True(gradient is null, $"{name} has a gradient and should have none");
                return;
            }

            Assert.True(gradient is not null, $"{name} has no gradient");
            var values = expected!.ToDoubles();
            var scale = Math.Max(values.Max(x => Math.Abs(x)), floor);
            var allowed = values.All(x => Math.Abs(x) < zero) ? zero : golden.Tolerances.Gradient * scale;
            Arrays.Near(values, Arrays.Doubles(gradient!), allowed, $"grad/{name}");
        }
    }

    /// <summary>Three steps of clip and optimizer on the same batch.</summary>
    public static void Steps(GoldenCase golden)
    {
        using var adam = new Adam(golden.Parameters, golden.Adam);
        var tensors = golden.Parameters.Select(pair => pair.Parameter).ToArray();
        var norms = golden.Numbers["meta/grad_norm"].ToDoubles();
        var losses = golden.Numbers["meta/loss_each_step"].ToDoubles();
        for (var step = 0; step < losses.Length; step++)
        {
            using var scope = torch.NewDisposeScope();
            golden.Encoder.Module.zero_grad();
            using var encoded = golden.Encode();
            var loss = golden.Objective.Loss(encoded, 0, 1);
            loss.backward();
            var norm = GradientClipping.ClipByNorm(tensors, golden.Numbers["meta/clip"].Scalar());
            adam.Step(golden.Numbers["meta/lr"].Scalar());
            Assert.Equal(1, norm / norms[step], StepTolerance);
            Assert.Equal(1, loss.ToDouble() / losses[step], StepTolerance);
            if (golden.Numbers.Names.Any(name => name.StartsWith($"after{step + 1}/", StringComparison.Ordinal)))
            {
                After(golden, step + 1);
            }
        }
    }

    private static void After(GoldenCase golden, int steps)
    {
        var tolerance = steps == 1 ? golden.Tolerances.After1 : golden.Tolerances.After3;
        var wide = Math.Max(tolerance, 2 * steps * golden.Numbers["meta/lr"].Scalar());
        var floor = HardlyAnyGradient * LargestGradient(golden);
        foreach (var (name, parameter) in golden.Parameters)
        {
            var expected = golden.Numbers[$"after{steps}/{name}"].ToDoubles();
            var found = Arrays.Doubles(parameter);
            if (!golden.Numbers.TryGet($"grad/{name}", out var gradient))
            {
                Assert.Equal(golden.Numbers[$"param/{name}"].ToDoubles(), found);
                continue;
            }

            var slopes = gradient!.ToDoubles();
            for (var i = 0; i < expected.Length; i++)
            {
                var allowed = Math.Abs(slopes[i]) >= floor ? tolerance : wide;
                Assert.True(
                    Math.Abs(expected[i] - found[i]) <= allowed,
                    $"after{steps}/{name}[{i}] is {found[i]}, expected {expected[i]} within {allowed}");
            }
        }
    }

    private static double LargestGradient(GoldenCase golden) => golden.Numbers.Under("grad/")
        .Where(pair => !pair.Name.StartsWith("input/", StringComparison.Ordinal)
            && !pair.Name.StartsWith("output/", StringComparison.Ordinal))
        .Max(pair => pair.Array.ToDoubles().Max(x => Math.Abs(x)));
}
