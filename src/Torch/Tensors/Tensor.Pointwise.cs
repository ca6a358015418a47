namespace Colony.Torch;

/// <content>Operations on elements; shapes of two operands are broadcast against each other.</content>
public partial class Tensor
{
    /// <summary>The negative.</summary>
    public Tensor neg() => Native.Give(Native.colony_neg(Handle, out var result), result);

    /// <summary>The absolute value.</summary>
    public Tensor abs() => Native.Give(Native.colony_abs(Handle, out var result), result);

    /// <summary>e to the power of each element.</summary>
    public Tensor exp() => Native.Give(Native.colony_exp(Handle, out var result), result);

    /// <summary>The natural logarithm.</summary>
    public Tensor log() => Native.Give(Native.colony_log(Handle, out var result), result);

    /// <summary>The square root.</summary>
    public Tensor sqrt() => Native.Give(Native.colony_sqrt(Handle, out var result), result);

    /// <summary>One over the square root.</summary>
    public Tensor rsqrt() => Native.Give(Native.colony_rsqrt(Handle, out var result), result);

    /// <summary>Zero where negative.</summary>
    public Tensor relu() => Native.Give(Native.colony_relu(Handle, out var result), result);

    /// <summary>x times the normal distribution function of x, exact (with erf).</summary>
    public Tensor gelu() => Native.Give(Native.colony_gelu(Handle, out var result), result);

    /// <summary>The hyperbolic tangent.</summary>
    public Tensor tanh() => Native.Give(Native.colony_tanh(Handle, out var result), result);

    /// <summary>1 / (1 + exp(-x)).</summary>
    public Tensor sigmoid() => Native.Give(Native.colony_sigmoid(Handle, out var result), result);

    /// <summary>The sine.</summary>
    public Tensor sin() => Native.Give(Native.colony_sin(Handle, out var result), result);

    /// <summary>The cosine.</summary>
    public Tensor cos() => Native.Give(Native.colony_cos(Handle, out var result), result);

    /// <summary>The square.</summary>
    public Tensor square() => Native.Give(Native.colony_square(Handle, out var result), result);

    /// <summary>Whether each element is neither infinite nor not-a-number.</summary>
    public Tensor isfinite() => Native.Give(Native.colony_isfinite(Handle, out var result), result);

    /// <summary>Whether each element is zero.</summary>
    public Tensor logical_not() => Native.Give(Native.colony_logical_not(Handle, out var result), result);

    /// <summary>Limited from below and above; a bound that is not given does not limit.</summary>
    public Tensor clamp(Scalar? min = null, Scalar? max = null)
    {
        if (min is null && max is null)
        {
            throw new ArgumentException("clamp needs a lower or an upper bound", nameof(min));
        }

        var low = min ?? Scalar.Absent;
        var high = max ?? Scalar.Absent;
        return Native.Give(Native.colony_clamp(Handle, low, high, out var result), result);
    }

    /// <summary>The sum.</summary>
    public Tensor add(Tensor other) => Native.Give(Native.colony_add(Handle, other.Handle, out var result), result);

    /// <summary>The sum.</summary>
    public Tensor add(Scalar other) => Native.Give(Native.colony_add_scalar(Handle, other, out var result), result);

    /// <summary>The difference.</summary>
    public Tensor sub(Tensor other) => Native.Give(Native.colony_sub(Handle, other.Handle, out var result), result);

    /// <summary>The difference.</summary>
    public Tensor sub(Scalar other) => Native.Give(Native.colony_sub_scalar(Handle, other, out var result), result);

    /// <summary>The product.</summary>
    public Tensor mul(Tensor other) => Native.Give(Native.colony_mul(Handle, other.Handle, out var result), result);

    /// <summary>The product.</summary>
    public Tensor mul(Scalar other) => Native.Give(Native.colony_mul_scalar(Handle, other, out var result), result);

    /// <summary>The quotient.</summary>
    public Tensor div(Tensor other) => Native.Give(Native.colony_div(Handle, other.Handle, out var result), result);

    /// <summary>The quotient.</summary>
    public Tensor div(Scalar other) => Native.Give(Native.colony_div_scalar(Handle, other, out var result), result);

    /// <summary>Each element to the power of the other.</summary>
    public Tensor pow(Tensor exponent) =>
        Native.Give(Native.colony_pow(Handle, exponent.Handle, out var result), result);

    /// <summary>Each element to the power of the number.</summary>
    public Tensor pow(Scalar exponent) =>
        Native.Give(Native.colony_pow_scalar(Handle, exponent, out var result), result);

    /// <summary>The greater of two elements.</summary>
    public Tensor maximum(Tensor other) =>
        Native.Give(Native.colony_maximum(Handle, other.Handle, out var result), result);

    /// <summary>The smaller of two elements.</summary>
    public Tensor minimum(Tensor other) =>
        Native.Give(Native.colony_minimum(Handle, other.Handle, out var result), result);

    /// <summary>Whether elements are equal.</summary>
    public Tensor eq(Tensor other) => Native.Give(Native.colony_eq(Handle, other.Handle, out var result), result);

    /// <summary>Whether elements are equal.</summary>
    public Tensor eq(Scalar other) => Native.Give(Native.colony_eq_scalar(Handle, other, out var result), result);

    /// <summary>Whether elements differ.</summary>
    public Tensor ne(Tensor other) => Native.Give(Native.colony_ne(Handle, other.Handle, out var result), result);

    /// <summary>Whether elements differ.</summary>
    public Tensor ne(Scalar other) => Native.Give(Native.colony_ne_scalar(Handle, other, out var result), result);

    /// <summary>Whether elements are less than the other.</summary>
    public Tensor lt(Tensor other) => Native.Give(Native.colony_lt(Handle, other.Handle, out var result), result);

    /// <summary>Whether elements are less than the other.</summary>
    public Tensor lt(Scalar other) => Native.Give(Native.colony_lt_scalar(Handle, other, out var result), result);

    /// <summary>Whether elements are at most the other.</summary>
    public Tensor le(Tensor other) => Native.Give(Native.colony_le(Handle, other.Handle, out var result), result);

    /// <summary>Whether elements are at most the other.</summary>
    public Tensor le(Scalar other) => Native.Give(Native.colony_le_scalar(Handle, other, out var result), result);

    /// <summary>Whether elements are greater than the other.</summary>
    public Tensor gt(Tensor other) => Native.Give(Native.colony_gt(Handle, other.Handle, out var result), result);

    /// <summary>Whether elements are greater than the other.</summary>
    public Tensor gt(Scalar other) => Native.Give(Native.colony_gt_scalar(Handle, other, out var result), result);

    /// <summary>Whether elements are at least the other.</summary>
    public Tensor ge(Tensor other) => Native.Give(Native.colony_ge(Handle, other.Handle, out var result), result);

    /// <summary>Whether elements are at least the other.</summary>
    public Tensor ge(Scalar other) => Native.Give(Native.colony_ge_scalar(Handle, other, out var result), result);

    /// <summary>Whether both elements are not zero.</summary>
    public Tensor logical_and(Tensor other) =>
        Native.Give(Native.colony_logical_and(Handle, other.Handle, out var result), result);

    /// <summary>Whether one of the elements is not zero.</summary>
    public Tensor logical_or(Tensor other) =>
        Native.Give(Native.colony_logical_or(Handle, other.Handle, out var result), result);

    /// <summary>The elements, but the number where the mask (bool) is true.</summary>
    public Tensor masked_fill(Tensor mask, Scalar value) =>
        Native.Give(Native.colony_masked_fill(Handle, mask.Handle, value, out var result), result);
}
