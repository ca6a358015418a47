using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Colony.Testing;

namespace Colony.Evaluator.Tests;

/// <summary>
/// The C header, what the library exports, and what C# imports are the same list with the same numbers of arguments.
/// </summary>
public sealed partial class FaissInterfaceTests
{
    [Fact]
    public void Header_and_imports_agree()
    {
        var declared = Header();
        Assert.NotEmpty(declared);
        Assert.Equal(
            declared.OrderBy(p => p.Key, StringComparer.Ordinal),
            Imports().OrderBy(p => p.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void The_library_exports_the_header_and_nothing_else()
    {
        var library = Path.Combine(AppContext.BaseDirectory, "libcolony_faiss.so");
        var start = new ProcessStartInfo("nm", ["-D", "--defined-only", library])
        {
            RedirectStandardOutput = true,
        };
        using var nm = Process.Start(start)!;
        var exported = nm.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')[^1]).ToList();

        Assert.Equal(Header().Keys.Order(StringComparer.Ordinal), exported.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_version_is_read_from_the_library() => Assert.Equal(1, FaissIndex.LibraryVersion.Major);

    private static Dictionary<string, int> Header()
    {
        Assert.SkipWhen(SharedFolder.RepositoryRoot is null,
            "The tests were copied away from the repository, and the header with it.");
        var text = File.ReadAllText(
            Path.Combine(SharedFolder.RepositoryRoot!, "src", "Evaluator", "native", "colony_faiss.h"));
        return Declaration().Matches(text).ToDictionary(
            m => m.Groups["name"].Value,
            m => m.Groups["arguments"].Value.Count(c => c == ',') + 1,
            StringComparer.Ordinal);
    }

    /// <summary>
    /// The source generator turns each import into a local function, so the attribute is what there is to see.
    /// </summary>
    private static Dictionary<string, int> Imports() =>
        typeof(FaissNative).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Select(m => (Method: m, Import: m.GetCustomAttribute<LibraryImportAttribute>()))
            .Where(p => p.Import is not null)
            .ToDictionary(p => p.Import!.EntryPoint!, p => p.Method.GetParameters().Length, StringComparer.Ordinal);

    [GeneratedRegex(
        @"COLONY_FAISS_API [^;(]*?(?<name>colony_faiss_\w+)\((?<arguments>[^)]*)\);", RegexOptions.None, 1000)]
    private static partial Regex Declaration();
}
