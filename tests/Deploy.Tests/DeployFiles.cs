using System.Text.RegularExpressions;

namespace Colony.Deploy.Tests;

/// <summary>The files under test, and what the source says about names that they use.</summary>
internal static partial class DeployFiles
{
    public static string Root { get; } = FindRoot();

    /// <summary>The names of all instruments that the product makes.</summary>
    public static IReadOnlySet<string> Instruments { get; } = Collect(InstrumentLiteral());

    /// <summary>Those of them that are histograms, which Prometheus sees as three series each.</summary>
    public static IReadOnlySet<string> Histograms { get; } = Collect(HistogramLiteral());

    /// <summary>The names of all tags that instruments are given.</summary>
    public static IReadOnlySet<string> Tags { get; } = Collect(TagLiteral());

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    private static HashSet<string> Collect(Regex literal) =>
    [
        .. Directory.EnumerateFiles(PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText)
            .Where(text => text.Contains("Meter", StringComparison.Ordinal))
            .SelectMany(text => literal.Matches(text))
            .Select(match => match.Groups[1].Value),
    ];

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Distributed.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("no Distributed.sln above the tests");
    }

    [GeneratedRegex("\"((?:colony|process|dotnet)_[a-z0-9_]+)\"", RegexOptions.None, 1000)]
    private static partial Regex InstrumentLiteral();

    [GeneratedRegex("CreateHistogram<[a-z]+>\\(\\s*\"([a-z0-9_]+)\"", RegexOptions.None, 1000)]
    private static partial Regex HistogramLiteral();

    [GeneratedRegex("(?:object\\?>|new)\\(\"([a-z_]+)\"", RegexOptions.None, 1000)]
    private static partial Regex TagLiteral();
}
