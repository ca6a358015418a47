using System.Xml.Linq;

namespace Colony.Integration.Tests;

/// <summary>The charts of a page: their titles, and how many points each line has.</summary>
internal static class Figures
{
    public static IReadOnlyList<(string Title, int[] Points)> Of(string html) =>
    [
        .. html.Split("<figure").Skip(1)
            .Select(f => XElement.Parse($"<figure{f[..f.IndexOf("</figure>", StringComparison.Ordinal)]}</figure>"))
            .Select(f => (f.Element("figcaption")!.Value, Points(f))),
    ];

    // A line begins with M, goes on with an L a point.
    private static int[] Points(XElement figure) => [.. figure.Descendants("path")
        .Where(p => p.Attribute("class")!.Value.StartsWith("line", StringComparison.Ordinal))
        .Select(p => p.Attribute("d")!.Value.Count(c => c is 'M' or 'L'))];
}
