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
        IReadOnlyList<(string Title, int[] Points)> figures = Figures.Of(html);
        Assert.Equal(["Loss", "Recall sum, dev"], figures.Select(f => f.Title));
        Assert.Equal([SmallWorld.Steps, SmallWorld.Steps], figures[0].Points);
        Assert.Equal([JudgedOnDev, JudgedOnDev], figures[1].Points);
        Assert.Contains("<td>test</td>", html, StringComparison.Ordinal); // the last one, in the table
    }

    /// <summary>A process that is killed leaves half a line, and the next one goes on behind it.</summary>
    [Fact]
    public async Task Lines_that_were_cut_short_are_passed_over_and_others_refused()
    {
        string run = world.Fresh();
        Directory.CreateDirectory(run);
        string events = Path.Combine(run, "events.jsonl");
        string[] lines = await File.ReadAllLinesAsync(
            Path.Combine(await world.ReferenceAsync(), "events.jsonl"), TestContext.Current.CancellationToken);
        int last = Array.FindLastIndex(lines, l => l.Contains("\"event\":\"step\"", StringComparison.Ordinal));
        await WriteAsync(lines[last][..^9]);
        string page = Path.Combine(world.Fresh(), "compare.html");
        Ended compared = await ColonyProcess.RunAsync("compare", run, "--out", page);
        Assert.True(compared.Code == 0, compared.Error);
        string html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        Assert.Equal([SmallWorld.Steps], Figures.Of(html)[0].Points);

        await WriteAsync("{\"event\": step}");
        Refusal.IsOneLine(await ColonyProcess.RunAsync("compare", run, "--out", page), $"{events}:{last + 1}");

        Task WriteAsync(string line) => File.WriteAllLinesAsync(
            events, [.. lines[..last], line, .. lines[last..]], TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_folder_that_is_no_runs_is_refused()
    {
        string page = Path.Combine(world.Fresh(), "compare.html");
        Refusal.IsOneLine(
            await ColonyProcess.RunAsync("compare", world.World, "--out", page), world.World, "is no run's folder");
        Assert.False(File.Exists(page));
    }
}
