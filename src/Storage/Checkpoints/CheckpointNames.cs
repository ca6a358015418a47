using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Colony.Storage;

/// <summary>
/// The layout in the store: <c>checkpoints/step-00000120/{part-0-of-2.safetensors, ..., manifest.json,
/// evaluation.json}</c>, and the pointers <c>checkpoints/latest</c> and <c>checkpoints/best</c>.
/// </summary>
public static class CheckpointNames
{
    /// <summary>Where everything is.</summary>
    public const string Root = "checkpoints/";

    /// <summary>The pointer to the newest checkpoint.</summary>
    public const string Latest = Root + "latest";

    /// <summary>The pointer to the checkpoint with the highest Rsum.</summary>
    public const string Best = Root + "best";

    /// <summary>The most parts a checkpoint may have.</summary>
    public const int MaxParts = 4096;

    private const string StepPrefix = "step-";
    private const int StepDigits = 8;

    /// <summary>The folder of a step, with a '/' at its end.</summary>
    public static string Folder(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return Root + StepPrefix + step.ToString("D8", CultureInfo.InvariantCulture) + "/";
    }

    /// <summary>A step's manifest.</summary>
    public static string Manifest(long step) => Folder(step) + "manifest.json";

    /// <summary>A step's evaluation, when it came after the commit.</summary>
    public static string Evaluation(long step) => Folder(step) + "evaluation.json";

    /// <summary>The name of a part: <c>part-0-of-2.safetensors</c>.</summary>
    public static string Part(int part, int parts)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(parts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts, MaxParts);
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, parts);
        return string.Create(CultureInfo.InvariantCulture, $"part-{part}-of-{parts}.safetensors");
    }

    /// <summary>The step whose folder a key is in.</summary>
    internal static bool TryStep(string key, out long step, [NotNullWhen(true)] out string? file)
    {
        (step, file) = (0, null);
        if (!key.StartsWith(Root + StepPrefix, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = key.AsSpan(Root.Length + StepPrefix.Length);
        var slash = rest.IndexOf('/');
        if (slash < StepDigits
            || !long.TryParse(rest[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out step)
            || key != Folder(step) + rest[(slash + 1)..].ToString())
        {
            return false;
        }

        file = rest[(slash + 1)..].ToString();
        return true;
    }
}
