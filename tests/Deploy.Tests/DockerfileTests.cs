using System.Text.RegularExpressions;
using Colony.Testing;

namespace Colony.Deploy.Tests;

/// <summary>What can be known of the Dockerfile without an engine that builds it.</summary>
public sealed partial class DockerfileTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    // Continued lines made one; comments out.
    private static readonly string[] Instructions =
    [
        .. Continuation().Replace(DeployFiles.Read("deploy", "docker", "Dockerfile"), " ")
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(l => !l.StartsWith('#')),
    ];

    private static string[] Packages =>
        [.. Instructions.SelectMany(l => InstalledPackages().Matches(l))
            .SelectMany(m => m.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct()];

    [Fact]
    public void Copies_AreOfThingsThatExist()
    {
        string[] sources =
        [
            .. Instructions.Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from="))
                .SelectMany(l => l.Split(' ')[1..^1]),
        ];
        Assert.Contains("src", sources);
        Assert.All(sources, s => Assert.True(Path.Exists(DeployFiles.PathOf(s)), $"COPY {s}: there is no such thing"));
        string[] kept = DeployFiles.Read("deploy", "docker", "Dockerfile.dockerignore")
            .Split('\n').Where(l => l.StartsWith('!')).Select(l => l[1..]).ToArray();
        Assert.All(sources, s => Assert.Contains(kept, k => FileMatches(k, s)));
    }

    [Fact]
    public void Stages_AreNamedBeforeTheyAreCopiedFrom()
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (string line in Instructions)
        {
            if (StageName().Match(line) is { Success: true } stage)
            {
                named.Add(stage.Groups[1].Value);
            }

            if (CopiedStage().Match(line) is { Success: true } copied)
            {
                Assert.Contains(copied.Groups[1].Value, named);
            }
        }

        Assert.NotEmpty(named);
    }

    [Fact]
    public async Task Packages_AreThoseOfDebian12()
    {
        string policy = Tools.Find("apt-cache", "this test asks Debian 12 for its packages");
        CancellationToken ct = TestContext.Current.CancellationToken;
        string release = File.Exists("/etc/os-release") ? await File.ReadAllTextAsync("/etc/os-release", ct) : "";
        if (!release.Contains("bookworm", StringComparison.Ordinal))
        {
            Tools.Absent("this is no Debian 12, so its packages are not known here.");
        }

        Assert.Contains("libtorch1.13", Packages);
        foreach (string package in Packages)
        {
            (_, string output) = await ServerProcess.RunAsync(policy, ["policy", package], null, Limit, ct);
            Assert.True(Candidate().IsMatch(output), $"{package} is not to be had:\n{output}");
        }
    }

    [Fact]
    public void Build_InstallsWhatTheScriptInstalls()
    {
        string script = DeployFiles.Read("colony");
        string listed = RunPackages().Match(script).Groups[1].Value;
        Assert.NotEmpty(listed);
        Assert.Empty(listed.Split(' ').Except(Packages));
    }

    [Fact]
    public void Image_RunsTheCommandAsNobodyInParticular()
    {
        string user = Instructions.Last(l => l.StartsWith("USER ", StringComparison.Ordinal));
        Assert.Equal("USER 10001:10001", user);
        Assert.Equal("ENTRYPOINT [\"/app/colony\"]", Instructions[^1]);
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, "colony.dll")));
    }

    private static bool FileMatches(string pattern, string path) =>
        Regex.IsMatch(
            path,
            "^" + Regex.Escape(pattern).Replace(@"\*", "[^/]*", StringComparison.Ordinal) + "$",
            RegexOptions.None,
            TimeSpan.FromSeconds(1));

    [GeneratedRegex(@"\\\n\s*", RegexOptions.None, 1000)]
    private static partial Regex Continuation();

    [GeneratedRegex(@"apt-get install -y --no-install-recommends +([^&]+?) *&&", RegexOptions.None, 1000)]
    private static partial Regex InstalledPackages();

    [GeneratedRegex(@"^FROM \S+ AS (\w+)$", RegexOptions.None, 1000)]
    private static partial Regex StageName();

    [GeneratedRegex(@"--from=(\w+)", RegexOptions.None, 1000)]
    private static partial Regex CopiedStage();

    [GeneratedRegex(@"Candidate: \d", RegexOptions.None, 1000)]
    private static partial Regex Candidate();

    [GeneratedRegex(@"run_packages=\(([^)]+)\)", RegexOptions.None, 1000)]
    private static partial Regex RunPackages();
}
