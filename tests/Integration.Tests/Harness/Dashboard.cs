using System.Text.Json;

namespace Colony.Integration.Tests;

/// <summary>The queries of a Grafana dashboard, its variables replaced by what matches everything.</summary>
internal static class Dashboard
{
    public static IReadOnlyList<string> Queries(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement root = document.RootElement.Clone();
        string[] variables = root.TryGetProperty("templating", out JsonElement templating)
            ? [.. templating.GetProperty("list").EnumerateArray().Select(v => v.GetProperty("name").GetString()!)]
            : [];
        return [.. Panels(
            root).SelectMany(Expressions).Select(e => Filled(e, variables)).Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<JsonElement> Panels(JsonElement at) =>
        at.TryGetProperty("panels", out JsonElement panels)
            ? panels.EnumerateArray().SelectMany(p => Panels(p).Prepend(p))
            : [];

    private static IEnumerable<string> Expressions(JsonElement panel) =>
        panel.TryGetProperty("targets", out JsonElement targets)
            ? targets.EnumerateArray().Where(t => t.TryGetProperty("expr", out _))
                .Select(t => t.GetProperty("expr").GetString()!)
            : [];

    private static string Filled(string expression, string[] variables)
    {
        string filled = expression.Replace("$__rate_interval", "30s", StringComparison.Ordinal)
            .Replace(
                "$__interval", "30s", StringComparison.Ordinal).Replace("$__range", "30s", StringComparison.Ordinal);
        foreach (string variable in variables.OrderByDescending(v => v.Length))
        {
            // A variable of one choice stands behind "=", where ".*" would be taken literally.
            filled = filled.Replace($"=\"${variable}\"", "=~\".*\"", StringComparison.Ordinal)
                .Replace($"${{{variable}}}", ".*", StringComparison.Ordinal)
                .Replace($"${variable}", ".*", StringComparison.Ordinal);
        }

        return filled;
    }
}
