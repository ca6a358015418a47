namespace Colony.Storage;

/// <summary>An object as an index of it says it must be.</summary>
/// <param name="Key">Its key in the store.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its SHA-256, 64 lower-case hexadecimal digits.</param>
public sealed record ObjectDigest(string Key, long Bytes, string Sha256)
{
    private const int Digits = 64;

    /// <summary>Whether a text is written as <see cref="Sha256"/> must be.</summary>
    public static bool IsSha256(string? text) =>
        text is { Length: Digits } && text.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f');
}
