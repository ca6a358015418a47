using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Colony.Storage;

/// <summary>What a pointer object holds.</summary>
internal sealed record CheckpointPointer
{
    public required long Step { get; init; }

    public double? Rsum { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    WriteIndented = true)]
[JsonSerializable(typeof(CheckpointManifest))]
[JsonSerializable(typeof(EvaluationSummary))]
[JsonSerializable(typeof(CheckpointPointer))]
internal sealed partial class CheckpointJsonContext : JsonSerializerContext;

/// <summary>
/// The manifest as text. Its last field is the SHA-256 of everything before that field, so a manifest that was cut or
/// changed anywhere is recognized without any other file.
/// </summary>
internal static class CheckpointJson
{
    /// <summary>The longest manifest taken.</summary>
    public const int MaxManifestBytes = 64 * 1024 * 1024;

    /// <summary>The longest pointer or evaluation taken.</summary>
    public const int MaxSmallBytes = 64 * 1024;

    private const int HashDigits = 64;
    private const string Open = ",\n  \"manifest_sha256\": \"";
    private const string Close = "\"\n}\n";

    public static byte[] Write(CheckpointManifest manifest)
    {
        var json = JsonSerializer.Serialize(manifest, CheckpointJsonContext.Default.CheckpointManifest);
        var body = json.ReplaceLineEndings("\n").TrimEnd()[..^1].TrimEnd(); // without the closing brace
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        return Encoding.UTF8.GetBytes(body + Open + hash + Close);
    }

    /// <summary>Reads a manifest, or says in a clause what is wrong with it.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> text,
        [NotNullWhen(true)] out CheckpointManifest? manifest,
        [NotNullWhen(false)] out string? problem)
    {
        manifest = null;
        var tail = Open.Length + HashDigits + Close.Length;
        if (text.Length < tail || !text[^Close.Length..].SequenceEqual(Encoding.UTF8.GetBytes(Close))
            || !text[^tail..].StartsWith(Encoding.UTF8.GetBytes(Open)))
        {
            problem = "it does not end as a manifest does, so it was cut or is another file";
            return false;
        }

        var expected = Encoding.UTF8.GetString(text[^(HashDigits + Close.Length)..^Close.Length]);
        var found = Convert.ToHexStringLower(SHA256.HashData(text[..^tail]));
        if (found != expected)
        {
            problem = $"its SHA-256 should be {expected} and is {found}, so it was changed";
            return false;
        }

        try
        {
            manifest = JsonSerializer.Deserialize(text, CheckpointJsonContext.Default.CheckpointManifest);
            problem = manifest is null ? "it is empty" : Check(manifest);
        }
        catch (JsonException e)
        {
            problem = FileErrors.OneLine(e.Message);
        }

        if (problem is not null)
        {
            manifest = null;
        }

        return manifest is not null;
    }

    /// <summary>
    /// What is wrong with a manifest's content, or null. Names in it become keys, so they are held to the layout.
    /// </summary>
    public static string? Check(CheckpointManifest manifest)
    {
        if (manifest.FormatVersion is < 1 or > CheckpointManifest.CurrentFormat)
        {
            return $"its format is {manifest.FormatVersion} and this program reads up to "
                + $"{CheckpointManifest.CurrentFormat}, so a newer Colony wrote it";
        }

        var parts = manifest.Parts;
        if (manifest.Step < 0 || parts.Count is 0 or > CheckpointNames.MaxParts)
        {
            return $"it has step {manifest.Step} and {parts.Count} parts";
        }

        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Name != CheckpointNames.Part(i, parts.Count) || parts[i].Bytes < 0 || !IsHash(parts[i].Sha256))
            {
                return $"its part {i} of {parts.Count} is '{parts[i].Name}' of {parts[i].Bytes} bytes and hash "
                    + $"'{parts[i].Sha256}'";
            }
        }

        var names = parts.Select(part => part.Name).ToHashSet(StringComparer.Ordinal);
        return manifest.Tensors.Values.FirstOrDefault(part => !names.Contains(part)) is { } unknown
            ? $"it has tensors in '{unknown}', which is none of its parts"
            : null;
    }

    private static bool IsHash(string text) =>
        text.Length == HashDigits && text.All(c => char.IsAsciiHexDigitLower(c));
}
