using System.Text.Json;

namespace Colony.Integration.Tests;

/// <summary>Runs of the small world in which a process fails at a named place, and what each must come to.</summary>
internal static class Armed
{
    /// <summary>Exit code of a process that died of SIGKILL.</summary>
    public const int Killed = 128 + Signals.Kill;

    /// <summary>The environment of a process that is to fail.</summary>
    public static Dictionary<string, string> With(string faults) => new(StringComparer.Ordinal)
    {
        ["COLONY_FAULT"] = faults,
    };

    /// <summary>A worker that takes its time for each step from one to another, so that a run lasts.</summary>
    public static Dictionary<string, string> Pacing(int from, int to, int milliseconds) => With(string.Join(
        ',',
        Enumerable.Range(from, to - from + 1).Select(
            step => FormattableString.Invariant($"delay={milliseconds}@forward:step={step}"))));

    /// <summary>The small world's job with overrides.</summary>
    public static string[] Job(SmallWorld world, params string[] overrides) =>
        [world.Job, .. overrides.SelectMany(o => new[] { "--set", o })];

    /// <summary>A process that killed itself at its place, and nowhere else.</summary>
    public static void Fell(Ended ended, string place, long? step = null)
    {
        Assert.True(ended.Code == Killed, $"exit code {ended.Code}\n{ended.Error}\n{ended.Out}");
        string at = step is null ? string.Empty : FormattableString.Invariant($" at step {step}\n");
        Assert.Contains($"fault: kill@{place}{at}", ended.Error, StringComparison.Ordinal);
    }

    /// <summary>The weights of an undisturbed run, every sample once an epoch, no step too few.</summary>
    public static async Task SameAsync(SmallWorld world, RunFiles run)
    {
        Assert.Equal(new RunFiles(await world.ReferenceAsync()).Sha, run.Sha);
        JsonElement report = run.Report();
        Assert.Equal("completed", report.GetProperty("outcome").GetString());
        Assert.Equal(SmallWorld.Steps, report.GetProperty("steps").GetInt32());
        Assert.Equal(2, report.GetProperty("ledger").GetArrayLength());
        Assert.All(report.GetProperty("ledger").EnumerateArray(), e =>
        {
            Assert.Equal(SmallWorld.Samples, e.GetProperty("consumed").GetInt32());
            Assert.Equal(0, e.GetProperty("duplicates").GetInt32());
            Assert.Equal(0, e.GetProperty("missing").GetInt32());
        });
    }

    /// <summary>Waits for a decision whose reason holds the words.</summary>
    public static Task<JsonElement> DecisionAsync(Crew crew, string words) => crew.Run.EventAsync(
        "decision",
        e => e.GetProperty("reason").GetString()!.Contains(words, StringComparison.Ordinal),
        crew.Coordinator);
}
