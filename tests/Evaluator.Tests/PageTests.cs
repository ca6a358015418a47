using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Colony.Evaluator.Tests;

public sealed partial class PageTests
{
    private const string Hostile = "<script>alert(1)</script>\" onload='x' & \u2028é";

    [Fact]
    public void Whatever_data_says_stays_text()
    {
        var html = QueryPage.Render(
            new PageQuery(Hostile, new Picture.Link(Hostile)),
            [new PageHit(Hostile, 1, [Hostile], new Picture.Drawing("<svg onload='x'/>"), Expected: true)],
            [new PageFact(Hostile, Hostile)]);
        var run = RunPage.Render(new RunReport(Hostile, [], [], [
            new RunEvaluation(1, Hostile, Chance()), new RunEvaluation(2, Hostile, Chance())]));

        var compared = ComparisonPage.Render([
            new ComparedRun(Hostile, [new PageFact(Hostile, Hostile)], [], [new RunEvaluation(1, Hostile, Chance())])]);
        foreach (var page in new[] { html, run, compared })
        {
            Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
            Assert.DoesNotContain("\" onload", page, StringComparison.Ordinal);
            Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("<svg onload", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_asks_for_nothing_but_its_pictures()
    {
        var html = QueryPage.Render(
            new PageQuery("a dog"), [new PageHit("1", 0.5, ["a dog runs"], new Picture.Link("images/1.jpg"))], []);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        Assert.Equal(["images/1.jpg"], Source().Matches(html).Select(m => m.Groups[1].Value));
    }

    [Fact]
    public void Hits_come_in_order_with_their_scores_and_the_right_one_is_marked()
    {
        var html = QueryPage.Render(
            new PageQuery("a dog"), [new PageHit("one", 0.9, []), new PageHit("two", 0.25, [], Expected: true)], []);
        var elements = XElement.Parse(List().Match(html).Value).Elements("li").ToList();

        Assert.Equal(["one", "two"], elements.Select(e => Part(e, "id").Value));
        Assert.Equal(["0.9000", "0.2500"], elements.Select(e => Part(e, "score").Value));
        Assert.Equal([false, true],
            elements.Select(e => e.Attribute("class")!.Value.Contains("expected", StringComparison.Ordinal)));
    }

    [Fact]
    public void Runs_beside_each_other_share_their_charts_and_keep_their_numbers()
    {
        ComparedRun Run(string name, double loss) => new(
            name,
            [new PageFact("steps", "3")],
            [new ChartPoint(1, loss), new ChartPoint(2, loss / 2)],
            [new RunEvaluation(1, "dev", Chance()), new RunEvaluation(2, "dev", Chance())]);

        var html = ComparisonPage.Render([Run("wide", 4), Run("narrow", 5)]);

        Assert.Equal(2, html.Split("<figure").Length - 1); // the loss and the recall sum
        Assert.Equal(2, html.Split("class=\"line s1\"").Length - 1);
        Assert.Equal(2, html.Split("class=\"line s2\"").Length - 1);
        Assert.Contains("<td>wide</td><td>dev</td><td>2</td>", html, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ComparisonPage.Render([]));
    }

    [Fact]
    public void An_empty_answer_says_so() =>
        Assert.Contains("Nothing was found", QueryPage.Render(new PageQuery("x"), [], []), StringComparison.Ordinal);

    [Fact]
    public void Lines_have_gaps_where_values_are_missing_and_stay_inside_the_frame()
    {
        var random = new Random(1);
        var points = Enumerable.Range(0, 5000)
            .Select(i => new ChartPoint(i, i is > 1000 and < 1200 ? double.NaN : 3 + random.NextDouble())).ToList();
        var figure = XElement.Parse(new LineChart("Loss", "step", "loss", [new ChartSeries("a", points)]).Render());
        var path = figure.Descendants("path")
            .Single(e => e.Attribute("class")!.Value.StartsWith("line", StringComparison.Ordinal));
        var drawn = path.Attribute("d")!.Value;

        Assert.Equal(2, drawn.Count(c => c == 'M'));
        var numbers = Coordinates().Matches(drawn)
            .Select(m => (X: double.Parse(m.Groups[1].Value, null), Y: double.Parse(m.Groups[2].Value, null))).ToList();
        Assert.InRange(numbers.Count, 100, 700);
        Assert.All(numbers, n => Assert.True(n is { X: >= 58 and <= 532, Y: >= 14 and <= 256 }, $"{n}"));
    }

    [Theory]
    [InlineData(new double[0], 0, 1)]
    [InlineData(new[] { 5.0 }, 2, 8)]
    [InlineData(new[] { 0.0, 0 }, -1, 1)]
    [InlineData(new[] { 1.0, 99 }, 0, 100)]
    [InlineData(new[] { 0.012, 0.019, double.NaN, double.PositiveInfinity }, 0.012, 0.02)]
    public void Axes_end_on_round_numbers_around_the_values(double[] values, double from, double to)
    {
        var axis = AxisScale.Over(values, 5);
        Assert.Equal(from, axis.From, 1e-9);
        Assert.Equal(to, axis.To, 1e-9);
        Assert.InRange(axis.Ticks.Count(), 3, 8);
        Assert.Equal(axis.Ticks.Count(), axis.Ticks.Select(axis.Label).Distinct().Count());
    }

    [Theory]
    [InlineData(new double[0], new[] { "1", "10" })]
    [InlineData(new[] { 0.5, 3000, 0, double.NaN }, new[] { "0.1", "1", "10", "100", "1,000", "10,000" })]
    [InlineData(new[] { 1e-9, 1e-8 }, new[] { "1e-9", "1e-8" })]
    public void Powers_of_ten_hold_what_is_above_zero(double[] values, string[] labels)
    {
        var axis = AxisScale.PowersOfTen(values);
        Assert.Equal(labels, axis.Ticks.Select(axis.Label));
        Assert.All(values.Where(v => v > 0), v => Assert.InRange(axis.Share(v), 0, 1));
        Assert.Equal(0.5, axis.Share(Math.Sqrt(axis.Ticks.First() * axis.Ticks.Last())), 1e-9);
        Assert.False(double.IsFinite(axis.Share(0)));
    }

    [Theory]
    [InlineData(2000, 100, true)]
    [InlineData(2000, 10, false)]
    [InlineData(2000, 0, false)]
    public void Losses_that_span_decades_are_drawn_by_powers_of_ten(double most, double drop, bool powers)
    {
        var least = drop == 0 ? 0 : (most / drop) - 1;
        Assert.Equal(
            powers,
            LearningCurve.Loss([new("a", [new(1, most), new(2, double.NaN), new(3, least)])]).ByPowersOfTen);
    }

    [Fact]
    public async Task Pages_are_written_where_they_are_wanted()
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            var path = await RunPage.WriteAsync(folder, Run(), TestContext.Current.CancellationToken);
            Assert.Equal(Path.Combine(folder, RunPage.FileName), path);
            Assert.Contains("chance", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken),
                StringComparison.Ordinal);
            var page = Path.Combine(folder, "search", "query.html");
            await QueryPage.WriteAsync(page, new PageQuery("a dog"), [], [], TestContext.Current.CancellationToken);
            Assert.True(File.Exists(page));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Set COLONY_KEEP_PAGES to a folder to look at the pages in a browser.</summary>
    [Fact]
    public async Task Sample_pages_hold_every_hit_and_chart()
    {
        var hits = Enumerable.Range(0, 8).Select(i => new PageHit(
            $"scene-{i:0000}", 0.81 - (0.07 * i * i / 8),
            [$"a red ball lies left of a {i + 2} metre blue cube", "two things on green grass", "a ball & a cube"],
            new Picture.Drawing(Scene(i)), i == 1)).ToList();
        var query = QueryPage.Render(
            new PageQuery("a red ball left of a blue cube"), hits,
            [new("model", "tern"), new("step", "4,200"), new("index", "flat, 1,000 images"), new("search", "0.8 ms")]);
        var run = RunPage.Render(Run());

        Assert.Equal(8, Regex.Count(query, "class=\"hit card", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.Equal(4, Regex.Count(run, "<figure", RegexOptions.None, TimeSpan.FromSeconds(1)));
        if (Environment.GetEnvironmentVariable("COLONY_KEEP_PAGES") is { Length: > 0 } keep)
        {
            await File.WriteAllTextAsync(Path.Combine(keep, "query.html"), query,
                TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(keep, "run.html"), run, TestContext.Current.CancellationToken);
        }
    }

    private static string Scene(int i) =>
        $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 80 60'><rect width='80' height='60' fill='#dfe9f5'/>"
        + $"<rect y='42' width='80' height='18' fill='#8fbf7f'/><circle cx='{18 + i}' cy='38' r='9' fill='#c33'/>"
        + $"<rect x='{44 - i}' y='24' width='22' height='22' fill='#2a5db0'/></svg>";

    private static RunReport Run()
    {
        var random = new Random(2);
        var loss = Enumerable.Range(0, 2000)
            .Select(i => new ChartPoint(i, (4 * Math.Exp(-i / 500.0)) + 0.6 + (0.3 * random.NextDouble()))).ToList();
        var evaluations = Enumerable.Range(1, 10).Select(i =>
        {
            var share = 1 - Math.Exp(-i / 4.0);
            return new RunEvaluation(i * 200, "dev", new RetrievalMetrics(
                new DirectionMetrics(50 * share, 75 * share, 85 * share, 12 - i, 30 - (2 * i)),
                new DirectionMetrics(38 * share, 66 * share, 78 * share, 14 - i, 40 - (2 * i))));
        }).ToList();
        evaluations.Add(new RunEvaluation(2000, "test", evaluations[^1].Metrics));
        return new RunReport(
            "flickr8k-tern",
            [new("model", "tern"), new("workers", "1 to 5"), new("weights", new string('a', 64))],
            loss, evaluations, ChanceLevel.Of(1000, 5));
    }

    private static RetrievalMetrics Chance() => ChanceLevel.Of(10, 5);

    private static XElement Part(XElement hit, string name) =>
        hit.Descendants().Single(e => e.Attribute("class")?.Value == name);

    [GeneratedRegex("src=\"([^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Source();

    [GeneratedRegex("<ol .*</ol>", RegexOptions.Singleline, 1000)]
    private static partial Regex List();

    [GeneratedRegex("[ML]([-0-9.]+) ([-0-9.]+)", RegexOptions.None, 1000)]
    private static partial Regex Coordinates();
}
