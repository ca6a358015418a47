namespace Colony.Storage;

/// <summary>An element type of the safetensors format. The names are the format's own.</summary>
public enum SafetensorsType
{
    /// <summary>IEEE double.</summary>
    F64,

    /// <summary>IEEE single.</summary>
    F32,

    /// <summary>IEEE half.</summary>
    F16,

    /// <summary>The upper half of an IEEE single.</summary>
    BF16,

    /// <summary>Signed 64 bits.</summary>
    I64,

    /// <summary>Signed 32 bits.</summary>
    I32,

    /// <summary>Signed 16 bits.</summary>
    I16,

    /// <summary>Unsigned byte.</summary>
    U8,

    /// <summary>A byte that is 0 or 1.</summary>
    BOOL,
}

/// <summary>Sizes and names of <see cref="SafetensorsType"/>.</summary>
public static class SafetensorsTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.I16 => 2,
        SafetensorsType.U8 or SafetensorsType.BOOL => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a safetensors element type."),
    };

    /// <summary>The name in a file's header.</summary>
    public static string Name(this SafetensorsType type) => type.ToString();

    /// <summary>Finds a type by its name in a file's header, exactly as written.</summary>
    public static bool TryParse(string? name, out SafetensorsType type)
    {
        foreach (var candidate in Enum.GetValues<SafetensorsType>())
        {
            if (string.Equals(candidate.Name(), name, StringComparison.Ordinal))
            {
                type = candidate;
                return true;
            }
        }

        type = default;
        return false;
    }
}
