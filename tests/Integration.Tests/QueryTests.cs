using System.Text;
using System.Text.RegularExpressions;

namespace Colony.Integration.Tests;

/// <summary>What one asks a finished run.</summary>
public sealed partial class QueryTests(SmallWorld world)
{
    [Fact]
    public async Task Words_find_images_and_a_page_shows_them()
    {
        string run = await world.ReferenceAsync();

        Ended ended = await ColonyProcess.RunAsync("query", "--run", run, "a red ball", "--top", "5");

        Assert.True(ended.Code == 0, ended.Error);
        Assert.Equal(5, Hit().Count(ended.Out));
        Assert.Equal(5, Drawings(run));
    }

    [Fact]
    public async Task An_image_finds_captions_and_the_page_shows_it()
    {
        string run = await world.ReferenceAsync();

        Ended ended = await ColonyProcess.RunAsync("query", "--run", run, "--image", "test-000003", "--top", "4");

        Assert.True(ended.Code == 0, ended.Error);
        Assert.Equal(4, Hit().Count(ended.Out));
        Assert.Equal(5, Drawings(run));
    }

    [Fact]
    public async Task Eval_prints_the_recall_that_the_run_reported()
    {
        string run = await world.ReferenceAsync();
        double rsum = new RunFiles(run).Report().GetProperty("recall").GetProperty("rsum").GetDouble();

        Ended ended = await ColonyProcess.RunAsync("eval", "--run", run, "--split", "test", "--checkpoint", "latest");

        Assert.True(ended.Code == 0, ended.Error);
        Assert.Contains("image to text", ended.Out, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"Rsum {rsum:0.0}"), ended.Out, StringComparison.Ordinal);
    }

    // Drawings travel inside the page as images, where nothing in them can run.
    private static int Drawings(string run) =>
        Embedded().Matches(File.ReadAllText(Path.Combine(run, "query.html")))
            .Count(m => Encoding.UTF8.GetString(Convert.FromBase64String(m.Groups[1].Value))
                .Contains("<svg", StringComparison.Ordinal));

    [GeneratedRegex("data:image/svg\\+xml;base64,([A-Za-z0-9+/=]+)", RegexOptions.None, 5000)]
    private static partial Regex Embedded();

    [GeneratedRegex("│ -?\\d\\.\\d{3} +│ test-\\d{6} │", RegexOptions.None, 5000)]
    private static partial Regex Hit();
}
