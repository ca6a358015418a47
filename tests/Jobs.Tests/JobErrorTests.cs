namespace Colony.Jobs.Tests;

/// <summary>
/// Each file in <c>Errors</c> is a bad job; beside it stands, word for word, what its author is told.
/// </summary>
public sealed class JobErrorTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Errors");

    public static TheoryData<string> Cases() =>
        [.. Directory.GetFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f))
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_bad_job_is_told_everything_that_is_wrong(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder, name + ".yaml"));
        var expected = File.ReadAllText(Path.Combine(Folder, name + ".txt"));

        // The first lines may hold overrides as comments: "# --set path=value".
        var sets = text.Split('\n').Where(l => l.StartsWith("# --set ", StringComparison.Ordinal))
            .Select(l => Override.Parse(l[8..]));
        var parse = JobFile.Parse(text, "job.yaml", [.. sets], TestVocabulary.Instance);

        Assert.Null(parse.Job);
        Assert.Equal(expected.TrimEnd('\n'), string.Join('\n', parse.Errors));
    }

    [Fact]
    public void Every_error_names_a_cure() =>
        Assert.All(
            Directory.GetFiles(Folder, "*.txt").SelectMany(File.ReadAllLines),
            line => Assert.Matches("^(job.yaml:[0-9]+:[0-9]+|--set [^ ]+): .+; .+$", line));

    [Fact]
    public void A_text_that_is_too_long_is_refused_unread()
    {
        var parse = JobFile.Parse(new string('[', (256 * 1024) + 1), "job.yaml", [], TestVocabulary.Instance);
        Assert.Contains("more than 262144", Assert.Single(parse.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_values_are_refused()
    {
        var parse = JobFile.Parse($"a: [{string.Join(',', Enumerable.Repeat(1, 20_000))}]", "job.yaml", [],
            TestVocabulary.Instance);
        Assert.Contains("more than 10000 values", Assert.Single(parse.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_are_bounded()
    {
        var keys = string.Concat(Enumerable.Range(0, 500).Select(i => $"key{i}: 1\n"));
        Assert.Equal(JobFile.MaximumErrors, JobFile.Parse(keys, "job.yaml", [], TestVocabulary.Instance).Errors.Count);
    }
}
