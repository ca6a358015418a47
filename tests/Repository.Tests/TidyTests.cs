using System.Text.RegularExpressions;

namespace Colony.Repository.Tests;

/// <summary>Taste that a machine can hold. A limit is moved by a decision, never by an exception in a file.</summary>
public sealed partial class TidyTests
{
    private const int MaxColumns = 120;
    private const int MaxLines = 400;
    private const int MaxReadmeLines = 200;
    private const long MaxFileBytes = 512 * 1024;

    private static readonly string[] TextEndings =
        [".cs", ".cpp", ".h", ".c", ".proto", ".sh", ".md", ".yaml", ".yml", ".json", ".csproj", ".props", ".py"];

    private static readonly Regex Forbidden = ForbiddenCode();

    [Fact]
    public void Source_HasShortFilesAndLines()
    {
        var faults = new List<string>();
        foreach (string file in RepositoryFiles.All.Where(f => f.EndsWith(".cs", StringComparison.Ordinal)
            || f.EndsWith(".cpp", StringComparison.Ordinal)))
        {
            string[] lines = RepositoryFiles.Lines(file);
            if (lines.Length > MaxLines)
            {
                faults.Add($"{file}: {lines.Length} lines, at most {MaxLines}");
            }

            faults.AddRange(lines.Select((l, i) => (l, i)).Where(x => x.l.Length > MaxColumns)
                .Select(x => $"{file}:{x.i + 1}: {x.l.Length} columns, at most {MaxColumns}"));
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void Source_HasNothingLeftUndoneOrHidden()
    {
        var faults = new List<string>();
        foreach (string file in RepositoryFiles.CSharp(string.Empty)
            .Where(f => !f.StartsWith("tests/Repository", StringComparison.Ordinal)))
        {
            faults.AddRange(RepositoryFiles.Lines(file).Select((l, i) => (l, i)).Where(x => Forbidden.IsMatch(x.l))
                .Select(x => $"{file}:{x.i + 1}: {x.l.Trim()}"));
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void Source_HasNoEmptyXmlTags()
    {
        Regex empty = EmptyTag();
        Assert.Empty(RepositoryFiles.CSharp("src/").Where(f => empty.IsMatch(RepositoryFiles.Read(f))));
    }

    [Fact]
    public void Tests_NeverSleep()
    {
        Regex sleeping = Sleeping();
        var faults = RepositoryFiles.CSharp("tests/")
            .Where(f => !f.StartsWith("tests/Repository", StringComparison.Ordinal))
            .SelectMany(f => RepositoryFiles.Lines(f).Select((l, i) => (l, i)).Where(x => sleeping.IsMatch(x.l))
                .Select(x => $"{f}:{x.i + 1}: {x.l.Trim()}"));
        Assert.Empty(faults);
    }

    [Fact]
    public void Rooms_HaveNoJunkDrawers()
    {
        Regex junk = JunkDrawer();
        Assert.Empty(RepositoryFiles.All.Where(f => junk.IsMatch(Path.GetFileNameWithoutExtension(f))
            || f.Split('/').SkipLast(1).Any(junk.IsMatch)));
    }

    [Fact]
    public void Rooms_ExplainThemselves()
    {
        string[] rooms = [.. RepositoryFiles.All
            .Where(f => f.StartsWith("src/", StringComparison.Ordinal)
                && f.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(f => Path.GetDirectoryName(f)!)];
        Assert.Empty(rooms.Where(r => !RepositoryFiles.All.Contains($"{r}/README.md")));
    }

    [Fact]
    public void Repository_HoldsNoLargeFilesAndNamesNoMachine()
    {
        var faults = new List<string>();
        foreach (string file in RepositoryFiles.All)
        {
            var info = new FileInfo(Path.Combine(RepositoryFiles.Root, file));
            if (info.Length > MaxFileBytes)
            {
                faults.Add($"{file}: {info.Length} bytes");
            }

            if (TextEndings.Contains(info.Extension) && !file.StartsWith("tests/Repository", StringComparison.Ordinal)
                && MachinePath().IsMatch(RepositoryFiles.Read(file)))
            {
                faults.Add($"{file}: names a path of some machine");
            }
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void Readme_IsShortAndItsTreeIsTrue()
    {
        string[] lines = RepositoryFiles.Lines("README.md");
        Assert.True(lines.Length <= MaxReadmeLines, $"{lines.Length} lines, at most {MaxReadmeLines}");
        string[] named = [.. lines
            .Select(l => TreeEntry().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value)];
        Assert.True(named.Length >= 20, $"the annotated tree names {named.Length} places");
        Assert.Empty(named.Where(n => !Directory.Exists(Path.Combine(RepositoryFiles.Root, n))
            && !File.Exists(Path.Combine(RepositoryFiles.Root, n))));
        string[] rooms = [.. Directory.GetDirectories(Path.Combine(RepositoryFiles.Root, "src"))
            .Select(d => "src/" + Path.GetFileName(d))];
        Assert.Empty(rooms.Except(named));
    }

    [Fact]
    public void Ci_CallsTheTestCommandOfTheReadme()
    {
        Assert.Contains("./colony test", RepositoryFiles.Read(".ci/run"), StringComparison.Ordinal);
        Assert.Contains("./colony test", RepositoryFiles.Read("README.md"), StringComparison.Ordinal);
        Assert.Contains("./colony demo", RepositoryFiles.Read("README.md"), StringComparison.Ordinal);
    }

    [GeneratedRegex(
        @"\b(TODO|FIXME|HACK|XXX)\b(?!.*#\d)|NotImplementedException|async void|Assert\.True\(true\)|Skip *= *"""
        + @"|#region|"
        + @"catch( *\((Exception|System\.Exception)[^)]*\))? *\{ *\}",
        RegexOptions.None, 1000)]
    private static partial Regex ForbiddenCode();

    [GeneratedRegex(@"<(summary|param|returns|remarks|value)[^>]*>\s*(///\s*)*</\1>", RegexOptions.None, 1000)]
    private static partial Regex EmptyTag();

    [GeneratedRegex(@"Thread\.Sleep|Task\.Delay *\(", RegexOptions.None, 1000)]
    private static partial Regex Sleeping();

    [GeneratedRegex("^(Utils?|Utilities|Common|Helpers?|Misc)$|Helpers?$|Utils?$", RegexOptions.None, 1000)]
    private static partial Regex JunkDrawer();

    [GeneratedRegex(@"/work/(main|wt|shared|\.library)|/root/\.", RegexOptions.None, 1000)]
    private static partial Regex MachinePath();

    [GeneratedRegex(
        @"^(?:[│├└─ ]*)((?:src|tests|bench|deploy|docs|configs)/[\w./-]*|colony|\.ci/run|Distributed\.sln) ",
        RegexOptions.None, 1000)]
    private static partial Regex TreeEntry();
}
