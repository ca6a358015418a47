using Xunit;

namespace Colony.Testing;

/// <summary>
/// The folder of reference material (golden numbers, real features) that lives outside the repository. The
/// environment variable <c>COLONY_SHARED</c> names it; otherwise it is the folder <c>shared</c> beside the
/// repository root.
/// </summary>
public static class SharedFolder
{
    public const string Variable = "COLONY_SHARED";

    private const string RootMark = "Distributed.sln";

    /// <summary>The root of the repository that this test was built in, or null when the tests were copied
    /// elsewhere.</summary>
    public static string? RepositoryRoot { get; } = FindRepositoryRoot();

    /// <summary>
    /// The full path of something in the shared folder. Skips the running test when there is no shared folder;
    /// fails it when <c>COLONY_SHARED</c> promises one that is not there, or when the folder is there and lacks the
    /// entry.
    /// </summary>
    public static string Find(params string[] parts)
    {
        var path = Path.Combine([Root(), .. parts]);
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            Assert.Fail($"The shared folder has no '{Path.Combine(parts)}' (looked at {path}).");
        }

        return path;
    }

    private static string Root()
    {
        var named = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(named))
        {
            if (!Directory.Exists(named))
            {
                Assert.Fail($"{Variable} is set to '{named}', and there is no such folder.");
            }

            return Path.GetFullPath(named);
        }

        var beside = RepositoryRoot is null ? null : Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared"));
        if (beside is null || !Directory.Exists(beside))
        {
            Assert.Skip($"No shared folder beside the repository root, and {Variable} is not set.");
        }

        return beside!;
    }

    private static string? FindRepositoryRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, RootMark)))
            {
                return at.FullName;
            }
        }

        return null;
    }
}
