using Xunit;

namespace Colony.Testing;

/// <summary>
/// Foreign programs that tests compare with. Where one is absent the test is skipped with a sentence; where the
/// environment says <c>COLONY_CI=1</c>, that is a failure, because there every one of them is installed.
/// </summary>
public static class Tools
{
    public static bool IsContinuousIntegration => Environment.GetEnvironmentVariable("COLONY_CI") == "1";

    /// <summary>The full path of a program on the PATH, or a skipped (in CI: failed) test.</summary>
    public static string Find(string program, string cure)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var found = folders.Where(f => f.Length > 0).Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);
        if (found is null)
        {
            Absent($"'{program}' is not installed: {cure}");
        }

        return found!;
    }

    /// <summary>Ends the running test because something foreign is not there.</summary>
    public static void Absent(string sentence)
    {
        if (IsContinuousIntegration)
        {
            Assert.Fail(sentence);
        }

        Assert.Skip(sentence);
    }
}
