namespace Colony.Torch;

/// <content>Operations that change the tensor; each returns the tensor itself.</content>
public partial class Tensor
{
    /// <summary>Adds alpha times the other.</summary>
    public Tensor add_(Tensor other, Scalar? alpha = null)
    {
        Native.Check(Native.colony_add_(Handle, other.Handle, alpha ?? 1));
        return this;
    }

    /// <summary>Adds the number.</summary>
    public Tensor add_(Scalar other)
    {
        Native.Check(Native.colony_add_scalar_(Handle, other));
        return this;
    }

    /// <summary>Subtracts alpha times the other.</summary>
    public Tensor sub_(Tensor other, Scalar? alpha = null)
    {
        Native.Check(Native.colony_sub_(Handle, other.Handle, alpha ?? 1));
        return this;
    }

    /// <summary>Subtracts the number.</summary>
    public Tensor sub_(Scalar other)
    {
        Native.Check(Native.colony_sub_scalar_(Handle, other));
        return this;
    }

    /// <summary>Multiplies by the other.</summary>
    public Tensor mul_(Tensor other)
    {
        Native.Check(Native.colony_mul_(Handle, other.Handle));
        return this;
    }

    /// <summary>Multiplies by the number.</summary>
    public Tensor mul_(Scalar other)
    {
        Native.Check(Native.colony_mul_scalar_(Handle, other));
        return this;
    }

    /// <summary>Divides by the other.</summary>
    public Tensor div_(Tensor other)
    {
        Native.Check(Native.colony_div_(Handle, other.Handle));
        return this;
    }

    /// <summary>Divides by the number.</summary>
    public Tensor div_(Scalar other)
    {
        Native.Check(Native.colony_div_scalar_(Handle, other));
        return this;
    }

    /// <summary>Sets every element to zero.</summary>
    public Tensor zero_()
    {
        Native.Check(Native.colony_zero_(Handle));
        return this;
    }

    /// <summary>Sets every element to the number.</summary>
    public Tensor fill_(Scalar value)
    {
        Native.Check(Native.colony_fill_(Handle, value));
        return this;
    }

    /// <summary>Copies the other, broadcast, converted and moved as needed.</summary>
    public Tensor copy_(Tensor source)
    {
        Native.Check(Native.colony_copy_(Handle, source.Handle));
        return this;
    }

    /// <summary>Takes the square root.</summary>
    public Tensor sqrt_()
    {
        Native.Check(Native.colony_sqrt_(Handle));
        return this;
    }

    /// <summary>Sets the number where the mask (bool) is true.</summary>
    public Tensor masked_fill_(Tensor mask, Scalar value)
    {
        Native.Check(Native.colony_masked_fill_(Handle, mask.Handle, value));
        return this;
    }

    /// <summary>Adds value * first * second.</summary>
    public Tensor addcmul_(Tensor first, Tensor second, Scalar? value = null)
    {
        Native.Check(Native.colony_addcmul_(Handle, first.Handle, second.Handle, value ?? 1));
        return this;
    }

    /// <summary>Adds value * first / second.</summary>
    public Tensor addcdiv_(Tensor first, Tensor second, Scalar? value = null)
    {
        Native.Check(Native.colony_addcdiv_(Handle, first.Handle, second.Handle, value ?? 1));
        return this;
    }

    /// <summary>Draws every element evenly from [low, high), from the seeded generator.</summary>
    public Tensor uniform_(double low = 0, double high = 1)
    {
        Native.Check(Native.colony_uniform_(Handle, low, high));
        return this;
    }

    /// <summary>Draws every element from a normal distribution, from the seeded generator.</summary>
    public Tensor normal_(double mean = 0, double std = 1)
    {
        Native.Check(Native.colony_normal_(Handle, mean, std));
        return this;
    }
}
