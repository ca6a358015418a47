using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Colony.Torch.Tests;

/// <summary>One list: the header, the library and the imports name the same functions, and all are used.</summary>
public sealed partial class InterfaceTests
{
    private static readonly string s_room = FindRoom();

    [Fact]
    public void The_library_exports_what_the_header_declares()
    {
        var library = Path.Combine(AppContext.BaseDirectory, "libcolony_torch.so");
        using var process = Process.Start(
            new ProcessStartInfo("nm", ["-D", "--defined-only", library]) { RedirectStandardOutput = true })!;
        var exported = process.StandardOutput.ReadToEnd()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')[^1])
            .Where(name => name.StartsWith("colony_", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(Declared().Keys.Order(StringComparer.Ordinal), exported);
    }

    [Fact]
    public void The_imports_are_what_the_header_declares_with_as_many_parameters()
    {
        var imported = Imports().ToDictionary(m => m.Name, m => m.GetParameters().Length, StringComparer.Ordinal);
        var declared = Declared();
        Assert.Equal(declared.Keys.Order(StringComparer.Ordinal), imported.Keys.Order(StringComparer.Ordinal));
        Assert.All(declared, f => Assert.Equal((f.Key, f.Value), (f.Key, imported[f.Key])));
    }

    [Fact]
    public void Every_import_is_called()
    {
        var sources = Directory.EnumerateFiles(s_room, "*.cs", SearchOption.AllDirectories)
            .Where(path => !Path.GetFileName(path).StartsWith("Native.", StringComparison.Ordinal)
                || string.Equals(Path.GetFileName(path), "Native.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText);
        var text = string.Join('\n', sources);
        var unused = Imports().Select(m => m.Name).Where(name => !text.Contains(name + "(", StringComparison.Ordinal));
        Assert.Empty(unused);
    }

    [Fact]
    public void Integers_of_the_header_have_fixed_widths()
    {
        var header = Comments().Replace(Header(), "");
        Assert.DoesNotMatch(@"\b(int|long|short|unsigned|size_t|bool|float)\b", header);
    }

    private static IEnumerable<MethodInfo> Imports() => typeof(Native)
        .GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Where(method => method.Name.StartsWith("colony_", StringComparison.Ordinal))
        .Where(method => method.GetCustomAttribute<LibraryImportAttribute>() is not null
            || method.GetCustomAttribute<DllImportAttribute>() is not null);

    private static Dictionary<string, int> Declared()
    {
        var header = Comments().Replace(Header(), "");
        return Declarations().Matches(header).ToDictionary(
            match => match.Groups["name"].Value,
            match => string.Equals(match.Groups["parameters"].Value, "void", StringComparison.Ordinal)
                ? 0
                : match.Groups["parameters"].Value.Split(',').Length,
            StringComparer.Ordinal);
    }

    private static string Header() => File.ReadAllText(Path.Combine(s_room, "native", "colony_torch.h"));

    private static string FindRoom()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Distributed.sln")))
            {
                return Path.Combine(folder.FullName, "src", "Torch");
            }
        }

        throw new DirectoryNotFoundException($"no Distributed.sln above {AppContext.BaseDirectory}");
    }

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Comments();

    [GeneratedRegex(
        @"COLONY_API\s+[\w\s]+?\*?\s*(?<name>colony_\w+)\((?<parameters>[^)]*)\);", RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000)]
    private static partial Regex Declarations();
}
