using System.Text.RegularExpressions;

namespace Colony.Deploy.Tests;

/// <summary>What a PromQL expression names, read by pattern: enough for the queries of this repository.</summary>
internal static partial class PromQuery
{
    /// <summary>Labels that Prometheus and its scrape configuration give, not the code.</summary>
    private static readonly string[] ScrapeLabels = ["job", "instance", "le"];

    private const StringSplitOptions Trimmed =
        StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    public static IEnumerable<string> Metrics(string expression) =>
        MetricName().Matches(expression).Select(m => m.Value).Distinct(StringComparer.Ordinal);

    /// <summary>Names and labels in an expression that no instrument of the source has.</summary>
    public static IEnumerable<string> Unknown(string expression)
    {
        foreach (string metric in Metrics(expression).Where(m => !Exists(m)))
        {
            yield return $"{metric} in '{expression}'";
        }

        foreach (string label in Labels(expression).Except(ScrapeLabels, StringComparer.Ordinal)
            .Where(l => !DeployFiles.Tags.Contains(l)))
        {
            yield return $"label {label} in '{expression}'";
        }
    }

    private static bool Exists(string metric) =>
        DeployFiles.Histograms.Contains(SeriesSuffix().Replace(metric, ""))
            ? SeriesSuffix().IsMatch(metric)
            : DeployFiles.Instruments.Contains(metric);

    private static IEnumerable<string> Labels(string expression) =>
        Matchers().Matches(expression)
            .SelectMany(m => LabelName().Matches(m.Groups[1].Value))
            .Select(m => m.Groups[1].Value)
            .Concat(Grouping().Matches(expression).SelectMany(m => m.Groups[1].Value.Split(',', Trimmed)));

    [GeneratedRegex(@"\b(?:colony|process|dotnet)_[a-z0-9_]+", RegexOptions.None, 1000)]
    private static partial Regex MetricName();

    [GeneratedRegex("_(bucket|sum|count)$", RegexOptions.None, 1000)]
    private static partial Regex SeriesSuffix();

    [GeneratedRegex(@"\{([^}]*)\}", RegexOptions.None, 1000)]
    private static partial Regex Matchers();

    [GeneratedRegex("([a-z_]+)\\s*(?:=~|!~|!=|=)\\s*\"", RegexOptions.None, 1000)]
    private static partial Regex LabelName();

    [GeneratedRegex(@"\b(?:by|on)\s*\(([a-z_, ]+)\)", RegexOptions.None, 1000)]
    private static partial Regex Grouping();
}
