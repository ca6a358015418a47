using System.Xml.Linq;

namespace Colony.Integration.Tests;

/// <summary><c>colony compare</c> on runs that are over.</summary>
public sealed class CompareTests(SmallWorld world)
{
    /// <summary>After steps 12 and 24, and after the last one, which is judged on dev and on test.</summary>
    private const int JudgedOnDev = 3;

    [Fact]
    public async Task Runs_are_drawn_beside_each_other_with_every_evaluation()
    {
        string run = await world.ReferenceAsync();
        string page = Path.Combine(world.Fresh(), "pages", "compare.html");
        Ended compared = await ColonyProcess.RunAsync("compare", $"one={run}", $"other={run}", "--out", page);
        Assert.True(compared.Code == 0, compared.Error);
        Assert.Contains(page, compared.Out.ReplaceLineEndings(string.Empty), StringComparison.Ordinal);

        string html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        XElement[] figures = [.. html.Split("<figure").Skip(1)
            .Select(f => XElement.Parse($"<figure{f[..f.IndexOf("</figure>", StringComparison.Ordinal)]}</figure>"))];
        Assert.Equal(["Loss", "Recall sum, dev"], figures.Select(f => f.Element("figcaption")!.Value));
        Assert.Equal([SmallWorld.Steps, SmallWorld.Steps], Points(figures[0]));
        Assert.Equal([JudgedOnDev, JudgedOnDev], Points(figures[1]));
        Assert.Contains("<td>test</td>", html, StringComparison.Ordinal); // the last one, in the table
    }

    [Fact]
    public async Task A_folder_that_is_no_runs_is_refused()
    {
        string page = Path.Combine(world.Fresh(), "compare.html");
        Refusal.IsOneLine(
            await ColonyProcess.RunAsync("compare", world.World, "--out", page), world.World, "is no run's folder");
        Assert.False(File.Exists(page));
    }

    // A line begins with M, goes on with an L a point.
    private static IEnumerable<int> Points(XElement figure) => figure.Descendants("path")
        .Where(p => p.Attribute("class")!.Value.StartsWith("line", StringComparison.Ordinal))
        .Select(p => p.Attribute("d")!.Value.Count(c => c is 'M' or 'L'));
}
