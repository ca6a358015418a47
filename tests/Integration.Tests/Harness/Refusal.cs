namespace Colony.Integration.Tests;

/// <summary>What a refusal looks like.</summary>
internal static class Refusal
{
    /// <summary>Exit code 2, one line on stderr with these words, no stack trace anywhere.</summary>
    public static void IsOneLine(Ended ended, params string[] words)
    {
        Assert.True(ended.Code == 2, $"exit code {ended.Code}\n{ended.Error}\n{ended.Out}");
        string line = Assert.Single(ended.ErrorLines);
        Assert.Equal(line, ended.Error.TrimEnd('\n'));
        Assert.All(words, word => Assert.Contains(word, line, StringComparison.Ordinal));
        Assert.DoesNotContain("\n   at ", "\n" + ended.Error + "\n" + ended.Out, StringComparison.Ordinal);
    }
}
