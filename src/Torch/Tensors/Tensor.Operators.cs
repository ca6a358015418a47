namespace Colony.Torch;

/// <content>Operators; each is the method it calls.</content>
public partial class Tensor
{
    /// <summary>The negative.</summary>
    public static Tensor operator -(Tensor self) => self.neg();

    /// <summary>The sum.</summary>
    public static Tensor operator +(Tensor left, Tensor right) => left.add(right);

    /// <summary>The sum.</summary>
    public static Tensor operator +(Tensor left, Scalar right) => left.add(right);

    /// <summary>The sum.</summary>
    public static Tensor operator +(Scalar left, Tensor right) => right.add(left);

    /// <summary>The difference.</summary>
    public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);

    /// <summary>The difference.</summary>
    public static Tensor operator -(Tensor left, Scalar right) => left.sub(right);

    /// <summary>The difference.</summary>
    public static Tensor operator -(Scalar left, Tensor right) =>
        Native.Give(Native.colony_rsub_scalar(right.Handle, left, out var result), result);

    /// <summary>The product.</summary>
    public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);

    /// <summary>The product.</summary>
    public static Tensor operator *(Tensor left, Scalar right) => left.mul(right);

    /// <summary>The product.</summary>
    public static Tensor operator *(Scalar left, Tensor right) => right.mul(left);

    /// <summary>The quotient.</summary>
    public static Tensor operator /(Tensor left, Tensor right) => left.div(right);

    /// <summary>The quotient.</summary>
    public static Tensor operator /(Tensor left, Scalar right) => left.div(right);

    /// <summary>The quotient.</summary>
    public static Tensor operator /(Scalar left, Tensor right) =>
        Native.Give(Native.colony_rdiv_scalar(right.Handle, left, out var result), result);

    /// <summary>Whether elements are less.</summary>
    public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);

    /// <summary>Whether elements are less.</summary>
    public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);

    /// <summary>Whether elements are less or equal.</summary>
    public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);

    /// <summary>Whether elements are less or equal.</summary>
    public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);

    /// <summary>Whether elements are greater.</summary>
    public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);

    /// <summary>Whether elements are greater.</summary>
    public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);

    /// <summary>Whether elements are greater or equal.</summary>
    public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);

    /// <summary>Whether elements are greater or equal.</summary>
    public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);
}
