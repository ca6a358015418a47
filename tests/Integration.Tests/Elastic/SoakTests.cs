using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Colony.Integration.Tests;

/// <summary>
/// A long run under random faults: what it holds stays the same, and the ledger stays exact. By hand: as long as
/// COLONY_SOAK_MINUTES says.
/// </summary>
public sealed class SoakTests(SmallWorld world)
{
    private const string Minutes = "COLONY_SOAK_MINUTES";
    private const int Least = 2;
    private const int Most = 4;
    private const double FaultEverySeconds = 5;
    private const double FaultSpreadSeconds = 15;
    private const double MayGrow = 1.10;
    private const double MayGrowFromTheMiddle = 1.05;
    private const int LastEvents = 60;

    // Spared, so that one worker's memory can be looked at over the whole time.
    private const string Spared = "spared";

    private readonly Random _random = new(20_261_121);
    private readonly Dictionary<string, int> _faults = new(StringComparer.Ordinal);
    private readonly StringBuilder _samples = new("seconds,process,rss_mb,threads,files\n");
    private readonly Dictionary<string, List<Held>> _held = new(StringComparer.Ordinal);
    private int _named;

    [Fact]
    public async Task An_hour_of_faults_leaves_memory_flat_and_the_ledger_exact()
    {
        string? asked = Environment.GetEnvironmentVariable(Minutes);
        Assert.SkipWhen(asked is null, $"Takes an hour; run with {Minutes}=60.");
        var length = TimeSpan.FromMinutes(double.Parse(asked!, CultureInfo.InvariantCulture));
        await using var crew = new Crew(
            [
                world.Job, "--set", "train.epochs=100000", "--set", "workers.count=3", "--set",
                "checkpoint.every_steps=200", "--set", "evaluate.every_steps=500",
            ],
            world.Fresh());
        var events = new EventTail(crew.Run);
        crew.Add(Spared);
        crew.Add(Fresh());
        crew.Add(Fresh());
        await events.MoreStepsAsync(20, crew.Coordinator);
        long began = TimeProvider.System.GetTimestamp();
        TimeSpan Elapsed() => TimeProvider.System.GetElapsedTime(began);
        while (Elapsed() < length)
        {
            await TurnAsync(crew, events, Elapsed, length);
        }

        Signals.Send(crew.Coordinator.Id, Signals.Interrupt);
        await crew.Coordinator.EndAsync();
        Tell(events, crew.Run);
        JsonElement[] ledger = [.. crew.Run.Report().GetProperty("ledger").EnumerateArray()];
        Assert.All(ledger, e => Assert.Equal(
            0, e.GetProperty("duplicates").GetInt32() + e.GetProperty("missing").GetInt32()));
        Assert.All(ledger.SkipLast(1), e => Assert.Equal(SmallWorld.Samples, e.GetProperty("consumed").GetInt32()));
        foreach ((string process, List<Held> held) in _held)
        {
            (Held early, Held late) = Ends(held);
            Held middle = Middle(held);
            Assert.True(late.Megabytes < early.Megabytes * MayGrow, $"{process}: {early}, then {late}");
            Assert.True(late.Megabytes < middle.Megabytes * MayGrowFromTheMiddle, $"{process}: {middle}, then {late}");
            Assert.True(late.Threads <= early.Threads + 4, $"{process}: {early}, then {late}");
            Assert.True(late.Files <= early.Files + 8, $"{process}: {early}, then {late}");
        }
    }

    private async Task TurnAsync(Crew crew, EventTail events, Func<TimeSpan> elapsed, TimeSpan length)
    {
        bool coordinatorMayGo = elapsed() < length / 2;
        TimeSpan due = elapsed() + TimeSpan.FromSeconds(
            FaultEverySeconds + (_random.NextDouble() * FaultSpreadSeconds));
        try
        {
            await events.UntilAsync(() => elapsed() >= due ? true : (bool?)null, "time", crew.Coordinator);
            Sample(crew, elapsed(), coordinatorMayGo);
            await MeddleAsync(crew, events, coordinatorMayGo);
            await events.MoreStepsAsync(3, crew.Coordinator);
        }
        catch (Exception)
        {
            events.Read();
            Tell(events, null);
            TestContext.Current.TestOutputHelper?.WriteLine(
                string.Join('\n', events.Others.TakeLast(LastEvents).Select(e => e.GetRawText())));
            throw;
        }
    }

    private async Task MeddleAsync(Crew crew, EventTail events, bool coordinatorMayGo)
    {
        string[] others = [.. crew.Workers.Where(w => !string.Equals(w, Spared, StringComparison.Ordinal))];
        string victim = others[_random.Next(others.Length)];
        int dice = _random.Next(coordinatorMayGo ? 12 : 11);
        if (others.Length + 1 < Most && (dice < 3 || others.Length < Least))
        {
            Count("join");
            crew.Add(Fresh());
        }
        else if (dice < 6)
        {
            Count("kill");
            crew.Remove(victim, Signals.Kill);
            crew.Add(Fresh());
        }
        else if (dice < 8)
        {
            Count("leave");
            crew.Remove(victim, Signals.Terminate);
            crew.Add(Fresh());
        }
        else if (dice < 11)
        {
            Count("hang");
            crew.Signal(victim, Signals.Stop);
            await events.MoreStepsAsync(20, crew.Coordinator); // a member has to be given up first
            crew.Signal(victim, Signals.Continue);
        }
        else
        {
            Count("coordinator");
            await crew.ReplaceCoordinatorAsync();
            _held.Remove("coordinator");
        }
    }

    private string Fresh() => FormattableString.Invariant($"w{_named++}");

    private void Count(string fault) => _faults[fault] = _faults.GetValueOrDefault(fault) + 1;

    private void Sample(Crew crew, TimeSpan at, bool coordinatorMayGo)
    {
        foreach ((string name, int id) in new[] { (Spared, crew.IdOf(Spared)), ("coordinator", crew.Coordinator.Id) })
        {
            string status = File.ReadAllText($"/proc/{id}/status");
            double megabytes = Field(status, "VmRSS:") / 1024;
            var held = new Held(at, megabytes, Field(status, "Threads:"), Directory.GetFiles($"/proc/{id}/fd").Length);
            _samples.AppendLine(
                CultureInfo.InvariantCulture,
                $"{at.TotalSeconds:0},{name},{held.Megabytes:0.0},{held.Threads},{held.Files}");
            if (!coordinatorMayGo || string.Equals(name, Spared, StringComparison.Ordinal))
            {
                _held.TryAdd(name, []);
                _held[name].Add(held);
            }
        }
    }

    private static double Field(string status, string name) => double.Parse(
        status.Split('\n').First(l => l.StartsWith(name, StringComparison.Ordinal)).Split(
            [' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    // The second tenth and the last: the first fills caches and compiles code.
    private static (Held Early, Held Late) Ends(List<Held> held)
    {
        int tenth = Math.Max(1, held.Count / 10);
        return (Mean(held.Skip(tenth).Take(tenth)), Mean(held.TakeLast(tenth)));
    }

    private static Held Middle(List<Held> held) =>
        Mean(held.Skip(held.Count / 2).Take(Math.Max(1, held.Count / 10)));

    private static Held Mean(IEnumerable<Held> held)
    {
        Held[] all = [.. held];
        return new Held(
            all[0].At, all.Average(h => h.Megabytes), all.Average(h => h.Threads), all.Average(h => h.Files));
    }

    private void Tell(EventTail events, RunFiles? run)
    {
        var text = new StringBuilder();
        string faults = string.Join(", ", _faults.Select(f => $"{f.Value} {f.Key}"));
        text.AppendLine(CultureInfo.InvariantCulture, $"steps {events.Committed}, faults {faults}");
        foreach ((string process, List<Held> held) in _held)
        {
            (Held early, Held late) = Ends(held);
            text.AppendLine(CultureInfo.InvariantCulture, $"{process}: {early}; then {late}");
        }

        foreach (IGrouping<string, double> cause in events.Others.Where(e => EventTail.Is(e, "recovery"))
            .GroupBy(e => e.GetProperty("cause").GetString()!, e => e.GetProperty("seconds").GetDouble()))
        {
            double[] sorted = [.. cause.Order()];
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"recovery from {cause.Key}: n {sorted.Length}, p50 {sorted[sorted.Length / 2]:0.00} s, "
                    + $"max {sorted[^1]:0.00} s");
        }

        string table = Path.Combine(Path.GetTempPath(), "colony-soak.csv");
        File.WriteAllText(table, _samples.ToString());
        int epochs = run?.Report().GetProperty("ledger").GetArrayLength() ?? 0;
        text.AppendLine(
            CultureInfo.InvariantCulture, $"ledger of {epochs} epochs; memory, threads and files over time in {table}");
        File.WriteAllText(Path.ChangeExtension(table, ".txt"), text.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine(text.ToString());
    }

    private sealed record Held(TimeSpan At, double Megabytes, double Threads, double Files);
}
