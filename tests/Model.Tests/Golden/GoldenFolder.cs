using Colony.Testing;
using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>The folder of golden numbers: <c>COLONY_GOLDEN</c>, else <c>golden</c> in the shared folder. The files are
/// found by pattern, so another folder of the same layout is tested as it is.</summary>
internal static class GoldenFolder
{
    private const string Variable = "COLONY_GOLDEN";
    private const string Nothing = "(no golden folder)";

    /// <summary>The names of the files that fit; one row that skips (or fails) when run where there is no
    /// folder.</summary>
    public static TheoryData<string> Files(string pattern)
    {
        var folder = Where();
        var names = Directory.Exists(folder)
            ? Directory.GetFiles(folder, pattern).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)
            : Enumerable.Empty<string>();
        return [.. names.DefaultIfEmpty(Nothing)];
    }

    /// <summary>Fails when no file fits; skips when there is no folder at all.</summary>
    public static void Require(string pattern)
    {
        var names = Files(pattern).Select(row => row.Data).ToArray();
        var folder = Where();
        Assert.True(names[0] != Nothing || !Directory.Exists(folder), $"{folder} has no file {pattern}");
        PathOf(names[0]);
    }

    public static NpzFile Open(string name) => NpzFile.Read(PathOf(name));

    /// <summary>The path of a file that must be there; skips when there is no folder at all.</summary>
    public static string PathOf(string name)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
        {
            var golden = SharedFolder.Find("golden");
            return name == Nothing ? Missing(golden) : Path.Combine(golden, name);
        }

        return name != Nothing && File.Exists(Path.Combine(folder, name))
            ? Path.Combine(folder, name)
            : Missing(folder);
    }

    private static string Where()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder)
        {
            return folder;
        }

        return Environment.GetEnvironmentVariable(SharedFolder.Variable) is { Length: > 0 } shared
            ? Path.Combine(shared, "golden")
            : SharedFolder.RepositoryRoot is { } root ? Path.Combine(root, "..", "shared", "golden") : "";
    }

    private static string Missing(string folder)
    {
        Assert.Fail($"{folder} has none of the golden files that this test reads.");
        return "";
    }
}
