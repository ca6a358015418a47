using System.Globalization;

namespace Colony.Torch;

/// <summary>The kind of memory a tensor lies in, numbered as in libtorch.</summary>
public enum DeviceType
{
    /// <summary>Host memory.</summary>
    CPU = 0,

    /// <summary>An NVIDIA device.</summary>
    CUDA = 1,
}

/// <summary>Where a tensor lies. The default value is the CPU.</summary>
/// <param name="Type">The kind of memory.</param>
/// <param name="Index">Which device of its kind, from 0; always 0 for the CPU.</param>
public readonly record struct Device(DeviceType Type, int Index)
{
    /// <summary>Reads <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static Device Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (string.Equals(text, "cpu", StringComparison.Ordinal))
        {
            return default;
        }

        if (string.Equals(text, "cuda", StringComparison.Ordinal))
        {
            return new Device(DeviceType.CUDA, 0);
        }

        return text.StartsWith("cuda:", StringComparison.Ordinal)
            && sbyte.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new Device(DeviceType.CUDA, index)
            : throw new FormatException($"'{text}' names no device; write cpu, cuda or cuda:N");
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        Type == DeviceType.CPU ? "cpu" : string.Create(CultureInfo.InvariantCulture, $"cuda:{Index}");
}
