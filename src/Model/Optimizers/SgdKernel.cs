using System.Numerics;
using System.Runtime.InteropServices;
using Colony.Torch;

namespace Colony.Model;

/// <summary>The numbers of one step.</summary>
/// <param name="Rate">Learning rate.</param>
/// <param name="Decay">Share of the parameter added to its gradient.</param>
/// <param name="Keep">Share of the direction that is kept.</param>
/// <param name="Take">Share of the gradient that enters it.</param>
/// <param name="Ahead">Nesterov: the move is the gradient and this share of the direction; null: the
/// direction.</param>
internal sealed record SgdArguments(double Rate, double Decay, double Keep, double Take, double? Ahead);

/// <summary>One step of gradient descent on one tensor, in one pass over host memory or by libtorch's
/// operations.</summary>
internal static class SgdKernel
{
    /// <summary>With momentum.</summary>
    public static void Step(Span<float> parameter, ReadOnlySpan<float> gradient, Span<float> direction, SgdArguments a)
    {
        Require(parameter.Length, gradient.Length, direction.Length);
        var p = MemoryMarshal.Cast<float, Vector<float>>(parameter);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        var d = MemoryMarshal.Cast<float, Vector<float>>(direction);
        var (rate, decay) = (new Vector<float>((float)a.Rate), new Vector<float>((float)a.Decay));
        var (keep, take) = (new Vector<float>((float)a.Keep), new Vector<float>((float)a.Take));
        var ahead = new Vector<float>((float)(a.Ahead ?? 0));
        for (var i = 0; i < p.Length; i++)
        {
            var slope = g[i] + (decay * p[i]);
            d[i] = (d[i] * keep) + (slope * take);
            p[i] -= rate * (a.Ahead is null ? d[i] : slope + (ahead * d[i]));
        }

        for (var i = p.Length * Vector<float>.Count; i < parameter.Length; i++)
        {
            var slope = gradient[i] + ((float)a.Decay * parameter[i]);
            direction[i] = (direction[i] * (float)a.Keep) + (slope * (float)a.Take);
            var move = a.Ahead is { } share ? slope + ((float)share * direction[i]) : direction[i];
            parameter[i] -= (float)a.Rate * move;
        }
    }

    /// <summary>Without momentum.</summary>
    public static void Step(Span<float> parameter, ReadOnlySpan<float> gradient, SgdArguments a)
    {
        Require(parameter.Length, gradient.Length, parameter.Length);
        var p = MemoryMarshal.Cast<float, Vector<float>>(parameter);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        var (rate, decay) = (new Vector<float>((float)a.Rate), new Vector<float>((float)a.Decay));
        for (var i = 0; i < p.Length; i++)
        {
            p[i] -= rate * (g[i] + (decay * p[i]));
        }

        for (var i = p.Length * Vector<float>.Count; i < parameter.Length; i++)
        {
            parameter[i] -= (float)a.Rate * (gradient[i] + ((float)a.Decay * parameter[i]));
        }
    }

    /// <summary>The same by libtorch's operations, on any device. The caller holds a scope and has gradients
    /// off.</summary>
    public static void Step(Tensor parameter, Tensor gradient, Tensor? direction, SgdArguments a)
    {
        var slope = a.Decay > 0 ? gradient + (parameter * a.Decay) : gradient;
        direction?.mul_(a.Keep).add_(slope, a.Take);
        var move = direction is null ? slope : a.Ahead is { } share ? slope + (direction * share) : direction;
        parameter.add_(move, -a.Rate);
    }

    private static void Require(int parameter, int gradient, int direction)
    {
        if (gradient != parameter || direction != parameter)
        {
            throw new ArgumentException($"{parameter} values have a gradient of {gradient}.", nameof(gradient));
        }
    }
}
