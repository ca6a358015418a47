using System.Numerics;
using System.Runtime.InteropServices;
using Colony.Torch;

namespace Colony.Model;

/// <summary>The numbers of one step, after bias correction.</summary>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="StepSize">Learning rate over the first moment's correction.</param>
/// <param name="Correction">Root of the second moment's correction.</param>
/// <param name="Shrink">Factor on the parameter beforehand (AdamW).</param>
/// <param name="Decay">Share of the parameter added to its gradient (L2).</param>
internal sealed record AdamArguments(
    double Beta1, double Beta2, double Epsilon, double StepSize, double Correction, double Shrink, double Decay);

/// <summary>One step of Adam on one tensor, in one pass over host memory or by libtorch's operations.</summary>
internal static class AdamKernel
{
    /// <summary>One pass over host memory.</summary>
    public static void Step(
        Span<float> parameter, ReadOnlySpan<float> gradient, Span<float> mean, Span<float> square, AdamArguments a)
    {
        if (gradient.Length != parameter.Length || mean.Length != parameter.Length || square.Length != parameter.Length)
        {
            throw new ArgumentException(
                $"{parameter.Length} values have a gradient of {gradient.Length}.", nameof(gradient));
        }

        var p = MemoryMarshal.Cast<float, Vector<float>>(parameter);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        var m = MemoryMarshal.Cast<float, Vector<float>>(mean);
        var v = MemoryMarshal.Cast<float, Vector<float>>(square);
        var (beta1, rest1) = (new Vector<float>((float)a.Beta1), new Vector<float>((float)(1 - a.Beta1)));
        var (beta2, rest2) = (new Vector<float>((float)a.Beta2), new Vector<float>((float)(1 - a.Beta2)));
        var (shrink, decay) = (new Vector<float>((float)a.Shrink), new Vector<float>((float)a.Decay));
        var (correction, epsilon) = (new Vector<float>((float)a.Correction), new Vector<float>((float)a.Epsilon));
        var stepSize = new Vector<float>((float)a.StepSize);
        for (var i = 0; i < p.Length; i++)
        {
            var from = p[i] * shrink;
            var slope = g[i] + (decay * from);
            m[i] = (m[i] * beta1) + (slope * rest1);
            v[i] = (v[i] * beta2) + (slope * slope * rest2);
            p[i] = from - (stepSize * m[i] / ((Vector.SquareRoot(v[i]) / correction) + epsilon));
        }

        for (var i = p.Length * Vector<float>.Count; i < parameter.Length; i++)
        {
            var from = parameter[i] * (float)a.Shrink;
            var slope = gradient[i] + ((float)a.Decay * from);
            mean[i] = (mean[i] * (float)a.Beta1) + (slope * (float)(1 - a.Beta1));
            square[i] = (square[i] * (float)a.Beta2) + (slope * slope * (float)(1 - a.Beta2));
            var scale = (MathF.Sqrt(square[i]) / (float)a.Correction) + (float)a.Epsilon;
            parameter[i] = from - ((float)a.StepSize * mean[i] / scale);
        }
    }

    /// <summary>The same by libtorch's operations, on any device. The caller holds a scope and has gradients
    /// off.</summary>
    public static void Step(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamArguments a)
    {
        parameter.mul_(a.Shrink);
        var slope = a.Decay > 0 ? gradient + (parameter * a.Decay) : gradient;
        mean.mul_(a.Beta1).add_(slope, 1 - a.Beta1);
        square.mul_(a.Beta2).addcmul_(slope, slope, 1 - a.Beta2);
        var scale = square.sqrt().div_(a.Correction).add_(a.Epsilon);
        parameter.addcdiv_(mean, scale, -a.StepSize);
    }
}
