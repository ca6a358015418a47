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
        _ = golden.Loss(encoded);
        CompareOutputs(golden, encoded, "output/");
    }

    /// <summary>Evaluation mode with the buffers of the start, where the file has it; both sides apart.</summary>
    public static void Evaluation(GoldenCase golden)
    {
        using var scope = torch.NewDisposeScope();
        using var unrecorded = torch.no_grad();
        golden.Encoder.Module.eval();
        golden.Forget();
        using var encoded = new NamedTensors();
        encoded.Add(TensorNames.ImageEmbeddings, golden.Encoder.EncodeImages(golden.Batch));
        encoded.Add(TensorNames.CaptionEmbeddings, golden.Encoder.EncodeCaptions(golden.Batch));
        CompareOutputs(golden, encoded, "output_eval/");
    }

    private static void CompareOutputs(GoldenCase golden, NamedTensors encoded, string prefix)
    {
        var found = new Dictionary<string, double[]>(golden.Probes, StringComparer.Ordinal);
        foreach (var name in encoded.Names)
        {
            found[golden.NameInFile(name)] = Arrays.Doubles(encoded[name]);
        }

        var (images, captions) = (encoded[TensorNames.ImageEmbeddings], encoded[TensorNames.CaptionEmbeddings]);
        for (var rows = 1; rows <= images.shape[0]; rows++)
        {
            var name = rows == images.shape[0] ? "scores" : $"scores_{rows}_images";
            found[name] = Arrays.Doubles(golden.Objective.Scores(images.narrow(0, 0, rows), captions));
        }

        foreach (var (name, array) in golden.Numbers.Under(prefix))
        {
            Assert.True(found.ContainsKey(name), $"nothing was reported for {prefix}{name}");
            Arrays.Near(array.ToDoubles(), found[name], golden.Tolerances.Output, $"{prefix}{name}");
        }
    }

    /// <summary>The whole loss, and each of its parts that the file has.</summary>
    public static void Loss(GoldenCase golden)
    {
        using var scope = torch.NewDisposeScope();
        using var encoded = golden.Encode();
        var loss = golden.Loss(encoded).ToDouble();
        foreach (var (name, array) in golden.Numbers.Under("loss/"))
        {
            var part = $"loss/{name}";
            if (golden.Setup.PartsElsewhere && name != "total")
            {
                continue;
            }

            Assert.True(name == "total" || golden.Probes.ContainsKey(part), $"nothing was reported for {part}");
            Arrays.Near(
                array.ToDoubles(), name == "total" ? [loss] : golden.Probes[part], golden.Tolerances.Loss, part);
        }
    }

    /// <summary>The objective alone: from the file's embeddings to the loss and the gradients of those
    /// embeddings.</summary>
    public static void LossAlone(GoldenCase golden)
    {
        using var scope = torch.NewDisposeScope();
        using var embeddings = new NamedTensors();
        var inputs = golden.Objective.Inputs
            .Where(name => golden.Numbers.Contains($"grad/output/{golden.NameInFile(name)}")).ToArray();
        Assert.Equal(golden.Objective.Inputs, inputs);
        foreach (var name in inputs)
        {
            var tensor = Arrays.Tensor(golden.Numbers[$"output/{golden.NameInFile(name)}"]);
            embeddings.Add(name, tensor.reshape(tensor.shape[0], -1).requires_grad_(true));
        }

        var loss = golden.Objective.Loss(embeddings, 0, 1);
        loss.backward();
        var expected = golden.Numbers[$"loss/{golden.Setup.ObjectiveLoss}"].Scalar();
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
        var loss = golden.Loss(encoded);
        var inner = Inner(golden, encoded, loss);
        loss.backward();
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

        foreach (var (name, gradient) in inner)
        {
            Compare($"output/{name}", gradient);
        }

        void Compare(string name, Tensor? gradient)
        {
            if (!golden.Numbers.TryGet($"grad/{name}", out var expected))
            {
                Assert.True(
                    gradient is null || golden.Setup.LeavesGradientsOut(name),
                    $"{name} has a gradient and should have none");
                return;
            }

            Assert.True(gradient is not null, $"{name} has no gradient");
            var values = expected!.ToDoubles();
            var scale = Math.Max(values.Max(x => Math.Abs(x)), floor);
            var allowed = Math.Max(
                golden.Tolerances.Gradient * scale, values.All(x => Math.Abs(x) < zero) ? zero : 0);
            Arrays.Near(values, Arrays.Doubles(gradient!), allowed, $"grad/{name}");
        }
    }

    /// <summary>Gradients of intermediate tensors, for all whose gradient the file has.</summary>
    private static List<(string Name, Tensor? Gradient)> Inner(GoldenCase golden, NamedTensors encoded, Tensor loss)
    {
        var tensors = new Dictionary<string, Tensor>(golden.Kept, StringComparer.Ordinal);
        foreach (var name in encoded.Names)
        {
            tensors[golden.NameInFile(name)] = encoded[name];
        }

        var wanted = golden.Numbers.Under("grad/output/").Select(pair => pair.Name).ToArray();
        foreach (var name in wanted)
        {
            Assert.True(tensors.ContainsKey(name), $"nothing was reported for grad/output/{name}");
        }

        return wanted.Length == 0
            ? []
            : [.. wanted.Zip(torch.autograd.grad(
                [loss], [.. wanted.Select(name => tensors[name])], retain_graph: true, allow_unused: true))];
    }

    /// <summary>Three steps of clip and optimizer on the same batch.</summary>
    public static void Steps(GoldenCase golden)
    {
        if (!golden.Numbers.Contains("meta/loss_each_step"))
        {
            Assert.Empty(golden.Numbers.Under("after1/"));
            return;
        }

        (string Name, Tensor Parameter)[] listed =
            [.. golden.Parameters, .. golden.Parameters.Where(pair => golden.Setup.Twice(pair.Name))];
        using var adam = new Adam(listed, golden.Setup.Adam);
        var tensors = listed.Select(pair => pair.Parameter).ToArray();
        var once = golden.Parameters.Select(pair => pair.Parameter).ToArray();
        var norms = golden.Numbers["meta/grad_norm"].ToDoubles();
        var losses = golden.Numbers["meta/loss_each_step"].ToDoubles();
        for (var step = 0; step < losses.Length; step++)
        {
            using var scope = torch.NewDisposeScope();
            golden.Encoder.Module.zero_grad();
            golden.Objective.Module?.zero_grad();
            using var encoded = golden.Encode();
            var loss = golden.Loss(encoded, step);
            loss.backward();
            var norm = GradientClipping.ClipByNorm(once, double.PositiveInfinity);
            GradientClipping.ClipByNorm(tensors, golden.Numbers["meta/clip"].Scalar());
            golden.Objective.BeforeUpdate(step, long.MaxValue);
            adam.Step(golden.Numbers["meta/lr"].Scalar(), golden.Setup.RateOf);
            if (golden.Setup.AfterSuffix.Length == 0)
            {
                Assert.Equal(1, norm / norms[step], Math.Max(StepTolerance, golden.Tolerances.Gradient));
                Assert.Equal(1, loss.ToDouble() / losses[step], StepTolerance);
            }

            var after = $"after{step + 1}{golden.Setup.AfterSuffix}/";
            if (golden.Numbers.Under(after).Any())
            {
                After(golden, step + 1, after);
                if (golden.Setup.AfterSuffix.Length == 0)
                {
                    Buffers(golden, step + 1);
                }
            }
        }
    }

    /// <summary>A bias in front of BatchNorm has no gradient, and an adaptive optimizer moves it by noise (golden
    /// README); the running mean, and it alone, holds that bias from the second forward pass on.</summary>
    private static void Buffers(GoldenCase golden, int steps)
    {
        var noise = 2 * (steps - 1) * golden.Numbers["meta/lr"].Scalar();
        foreach (var (name, buffer) in golden.Encoder.Module.named_buffers())
        {
            var expected = golden.Numbers[$"buffer/after{steps}/{name}"].ToDoubles();
            var mean = name.EndsWith("running_mean", StringComparison.Ordinal);
            var allowed = golden.Tolerances.Output + (mean ? noise : 0);
            Arrays.Near(expected, Arrays.Doubles(buffer), allowed, $"buffer/after{steps}/{name}");
        }
    }

    private static void After(GoldenCase golden, int steps, string prefix)
    {
        var tolerance = steps == 1 ? golden.Tolerances.After1 : golden.Tolerances.After3;
        var wide = Math.Max(tolerance, 2 * steps * golden.Numbers["meta/lr"].Scalar());
        var floor = HardlyAnyGradient * LargestGradient(golden);
        foreach (var (name, parameter) in golden.Parameters)
        {
            var partial = golden.Setup.LeavesGradientsOut(name) || golden.Setup.AfterSuffix.Length > 0;
            if (partial && !golden.Numbers.Contains(prefix + name))
            {
                continue;
            }

            var expected = golden.Numbers[prefix + name].ToDoubles();
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
                    $"{prefix}{name}[{i}] is {found[i]}, expected {expected[i]} within {allowed}");
            }
        }
    }

    private static double LargestGradient(GoldenCase golden) => golden.Numbers.Under("grad/")
        .Where(pair => !pair.Name.StartsWith("input/", StringComparison.Ordinal)
            && !pair.Name.StartsWith("output/", StringComparison.Ordinal))
        .Max(pair => pair.Array.ToDoubles().Max(x => Math.Abs(x)));
}
