using System.Runtime.InteropServices;

namespace Colony.Torch;

/// <summary>
/// A number beside a tensor. It keeps its kind, because libtorch's result type depends on it: an integer tensor
/// plus 1 stays an integer tensor, plus 1.0 it becomes a real one.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Scalar
{
    private const long RealKind = 0;
    private const long IntegerKind = 1;
    private const long BooleanKind = 2;
    private const long AbsentKind = 3;

    private readonly double _real;
    private readonly long _integer;
    private readonly long _kind;

    private Scalar(double real, long integer, long kind) => (_real, _integer, _kind) = (real, integer, kind);

    /// <summary>An optional number that is not given.</summary>
    internal static Scalar Absent => new(0, 0, AbsentKind);

    /// <summary>The value as a real number.</summary>
    public double ToDouble() => _kind == RealKind ? _real : _integer;

    /// <summary>The value as an integer, cut off after the point.</summary>
    public long ToInt64() => _kind == RealKind ? (long)_real : _integer;

    /// <summary>A real number.</summary>
    public static implicit operator Scalar(double value) => new(value, 0, RealKind);

    /// <summary>A real number.</summary>
    public static implicit operator Scalar(float value) => new(value, 0, RealKind);

    /// <summary>An integer.</summary>
    public static implicit operator Scalar(long value) => new(0, value, IntegerKind);

    /// <summary>An integer.</summary>
    public static implicit operator Scalar(int value) => new(0, value, IntegerKind);

    /// <summary>A truth value.</summary>
    public static implicit operator Scalar(bool value) => new(0, value ? 1 : 0, BooleanKind);
}
