using Colony.Testing.Npy;
using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>Between tensors and arrays of numbers.</summary>
internal static class Arrays
{
    public static Tensor Tensor(NpyArray array)
    {
        var shape = array.Shape.ToArray();
        if (shape.Length == 0)
        {
            return torch.full([], array.Scalar(), array.ElementType == typeof(long)
                ? ScalarType.Int64 : ScalarType.Float32);
        }

        return array.ElementType == typeof(float) ? torch.tensor(array.Values<float>().ToArray(), shape)
            : array.ElementType == typeof(long) ? torch.tensor(array.Values<long>().ToArray(), shape)
            : torch.tensor(array.ToDoubles(), shape);
    }

    /// <summary>The elements in C order.</summary>
    public static double[] Doubles(Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        return tensor.detach().cpu().to_type(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    public static void Near(double[] expected, double[] found, double tolerance, string what)
    {
        Assert.True(expected.Length == found.Length, $"{what} has {found.Length} values, expected {expected.Length}");
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - found[i]) <= tolerance || expected[i].Equals(found[i]),
                $"{what}[{i}] is {found[i]:R}, expected {expected[i]:R} within {tolerance:R}");
        }
    }
}
