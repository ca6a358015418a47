namespace Colony.Data;

/// <summary>The element types that are read, all little-endian.</summary>
internal enum NpyType
{
    Float16,
    Float32,
    Float64,
    Int64,
    Int32,
    UInt8,
    Bool,
}

internal static class NpyTypes
{
    public const string Known = "<f2, <f4, <f8, <i8, <i4, |u1 or |b1";

    public static bool TryParse(string descr, out NpyType type)
    {
        (var known, type) = descr switch
        {
            "<f2" => (true, NpyType.Float16),
            "<f4" => (true, NpyType.Float32),
            "<f8" => (true, NpyType.Float64),
            "<i8" => (true, NpyType.Int64),
            "<i4" => (true, NpyType.Int32),
            "|u1" => (true, NpyType.UInt8),
            "|b1" => (true, NpyType.Bool),
            _ => (false, default),
        };
        return known;
    }

    public static string Descr(this NpyType type) => type switch
    {
        NpyType.Float16 => "<f2",
        NpyType.Float32 => "<f4",
        NpyType.Float64 => "<f8",
        NpyType.Int64 => "<i8",
        NpyType.Int32 => "<i4",
        NpyType.UInt8 => "|u1",
        _ => "|b1",
    };

    public static int Size(this NpyType type) => type switch
    {
        NpyType.Float16 => 2,
        NpyType.Float32 or NpyType.Int32 => 4,
        NpyType.Float64 or NpyType.Int64 => 8,
        _ => 1,
    };
}
