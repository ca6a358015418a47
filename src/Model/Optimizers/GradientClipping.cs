using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Colony.Torch;

namespace Colony.Model;

/// <summary>Clipping of gradients by their global norm, as torch.nn.utils.clip_grad_norm_ does.</summary>
public static class GradientClipping
{
    private const double Softening = 1e-6;

    /// <summary>
    /// Multiplies every gradient by min(1, <paramref name="max"/> / (norm + 1e-6)), where norm is the root of the sum
    /// of the squares of all of them. On the CPU the sum is taken in float64 and in a fixed order, whatever the
    /// machine's vectors or threads.
    /// </summary>
    /// <param name="ps">Parameters; those without gradient are skipped, one listed twice counts and is clipped
    /// twice.</param>
    /// <param name="max">The norm to keep to, above 0.</param>
    /// <returns>The norm before clipping. When it is not finite the gradients stay as they are.</returns>
    public static double ClipByNorm(IReadOnlyList<Tensor> ps, double max)
    {
        ArgumentNullException.ThrowIfNull(ps);
        using var scope = torch.NewDisposeScope();
        return Clip([.. ps.Select(p => p.grad).OfType<Tensor>()], max);
    }

    /// <summary>As <see cref="ClipByNorm"/>, for gradients that are at hand, in the order of their
    /// parameters.</summary>
    /// <returns>The norm before clipping.</returns>
    public static double Clip(IReadOnlyList<Tensor> gradients, double max)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(max);
        using var unrecorded = torch.no_grad();
        var squares = 0.0;
        foreach (var gradient in gradients)
        {
            using var scope = torch.NewDisposeScope();
            squares += SumOfSquares(gradient);
        }

        var norm = Math.Sqrt(squares);
        var scale = max / (norm + Softening);
        if (double.IsFinite(norm) && scale < 1)
        {
            foreach (var gradient in gradients)
            {
                gradient.mul_(scale);
            }
        }

        return norm;
    }

    private static double SumOfSquares(Tensor gradient)
    {
        if (gradient.device.Type != DeviceType.CPU || gradient.dtype != ScalarType.Float32)
        {
            var wide = gradient.to_type(ScalarType.Float64);
            return (wide * wide).sum().ToDouble();
        }

        return SumOfSquares(gradient.contiguous().data<float>());
    }

    /// <summary>Eight running sums in float64, added up at the end in a fixed order.</summary>
    internal static double SumOfSquares(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector256<float>>(values);
        var (even, odd) = (Vector256<double>.Zero, Vector256<double>.Zero);
        foreach (var vector in vectors)
        {
            var (lower, upper) = Vector256.Widen(vector);
            even += lower * lower;
            odd += upper * upper;
        }

        var sums = even + odd;
        var total = sums[0] + sums[1] + sums[2] + sums[3];
        foreach (var value in values[(vectors.Length * Vector256<float>.Count)..])
        {
            total += (double)value * value;
        }

        return total;
    }
}
