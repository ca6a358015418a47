using Colony.Torch;

namespace Colony.Model;

/// <summary>Which positions of a padded slice are padding. Where a slice has none the mask is left out, which changes
/// no bit: masking nothing gives the same values.</summary>
internal sealed class PaddingMask : IDisposable
{
    private PaddingMask(Tensor? padded) => Padded = padded;

    /// <summary>[b, S], true at padding; null when every sample fills all positions.</summary>
    public Tensor? Padded { get; }

    /// <param name="lengths">[b] int64, each from 1 to <paramref name="size"/>.</param>
    /// <param name="size">Positions S of the padded slice.</param>
    /// <param name="name">What the lengths are called, for the message.</param>
    public static PaddingMask Of(Tensor lengths, long size, string name)
    {
        if (lengths.device.Type == DeviceType.CPU && Full(lengths, size, name))
        {
            return new PaddingMask(null);
        }

        using var positions = torch.arange(size, dtype: ScalarType.Int64, device: lengths.device);
        using var column = lengths.unsqueeze(1);
        return new PaddingMask(positions.ge(column));
    }

    public void Dispose() => Padded?.Dispose();

    private static bool Full(Tensor lengths, long size, string name)
    {
        var full = true;
        foreach (var length in lengths.data<long>())
        {
            if (length < 1 || length > size)
            {
                throw new ArgumentException($"{name} has the length {length}, outside 1..{size}.", nameof(lengths));
            }

            full &= length == size;
        }

        return full;
    }
}
