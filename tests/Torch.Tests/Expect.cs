[assembly: CollectionBehavior(DisableTestParallelization = true)] // seeds, thread counts and counters are the process's

namespace Colony.Torch.Tests;

/// <summary>What the tests say about tensors.</summary>
internal static class Expect
{
    internal static void Values(Tensor actual, ReadOnlySpan<double> expected, double tolerance = 1e-6)
    {
        using var wide = actual.to(ScalarType.Float64);
        var values = wide.ToArray<double>();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            var bound = tolerance * Math.Max(1, Math.Abs(expected[i]));
            Assert.True(
                values[i].Equals(expected[i]) || Math.Abs(values[i] - expected[i]) <= bound,
                $"element {i} is {values[i]:R}, not {expected[i]:R}; all: {string.Join(", ", values)}");
        }
    }

    internal static void Shape(Tensor actual, params long[] expected) => Assert.Equal(expected, actual.shape);

    /// <summary>
    /// Compares autograd with central differences of the same function, in double precision, for each input.
    /// </summary>
    internal static void GradientsMatch(Func<Tensor[], Tensor> loss, params Tensor[] inputs)
    {
        const double Step = 1e-6;
        foreach (var input in inputs)
        {
            Assert.Equal(ScalarType.Float64, input.dtype);
            input.requires_grad_();
        }

        var gradients = torch.autograd.grad([loss(inputs)], inputs);
        using var mode = torch.no_grad();
        for (var k = 0; k < inputs.Length; k++)
        {
            var elements = inputs[k].data<double>();
            var gradient = gradients[k]!.ToArray<double>();
            for (var i = 0; i < elements.Length; i++)
            {
                var middle = elements[i];
                elements[i] = middle + Step;
                var above = loss(inputs).ToDouble();
                elements[i] = middle - Step;
                var below = loss(inputs).ToDouble();
                elements[i] = middle;
                var difference = (above - below) / (2 * Step);
                Assert.True(
                    Math.Abs(difference - gradient[i]) <= 1e-5 * Math.Max(1, Math.Abs(difference)),
                    $"input {k}, element {i}: autograd says {gradient[i]:R}, differences say {difference:R}");
            }
        }
    }

    /// <summary>Distinct numbers, positive and negative, without a generator; record.py has the same.</summary>
    internal static Tensor Grid(params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)((((i * 37) % 29) - 14) / 10.0);
        }

        return torch.tensor(values, shape);
    }

    /// <summary>As <see cref="Grid"/>, in double precision.</summary>
    internal static Tensor WideGrid(params long[] shape) => Grid(shape).to(ScalarType.Float64);
}
