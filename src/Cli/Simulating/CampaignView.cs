using System.Globalization;
using System.Text.Json;
using Colony.Simulation;
using Spectre.Console;

namespace Colony.Cli.Simulating;

/// <summary>Runs a campaign and prints what it showed.</summary>
internal static class CampaignView
{
    /// <summary>Exit code when a promise was broken.</summary>
    public const int Violated = 1;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static async Task<int> ShowAsync(CampaignOptions options, bool json, CancellationToken cancellationToken)
    {
        var view = new CampaignProgressView(options.Seeds);
        Task<CampaignReport> running = SimulationCampaign.RunAsync(options, view, cancellationToken);
        CampaignReport report = await (json ? running : view.ShowAsync(running)).ConfigureAwait(false);
        TimeSpan elapsed = view.Elapsed;
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    options.Workers,
                    Faults = options.Faults.Name,
                    Seconds = elapsed.TotalSeconds,
                    SchedulesPerSecond = report.Schedules / elapsed.TotalSeconds,
                    Report = report,
                },
                Indented));
        }
        else
        {
            Print(report, options, elapsed);
        }

        return report.FailedSeeds.Count == 0 ? 0 : Violated;
    }

    /// <summary>A failure with the few faults that it takes and how to see it again.</summary>
    public static void Print(CampaignFailure failure, int workers)
    {
        Say($"seed {failure.Seed} broke the promise '{failure.Invariant}': {failure.Detail}");
        Say($"the shortest schedule that was found has {failure.Schedule.Count} faults (put them into a file for "
            + $"'colony simulate --seed {failure.Seed} --workers {workers} --faults FILE'):");
        foreach (string fault in failure.Schedule)
        {
            Say("  " + fault);
        }

        Say("what was said last:");
        foreach (string line in failure.Trace)
        {
            Say("  " + line);
        }
    }

    public static void Say(FormattableString text) => Say(text.ToString(CultureInfo.InvariantCulture));

    public static void Say(string text) => Console.WriteLine(text);

    private static void Print(CampaignReport report, CampaignOptions options, TimeSpan elapsed)
    {
        Say($"{report.Schedules} schedules of up to {options.Workers} workers with faults '{options.Faults.Name}': "
            + $"{report.Schedules / elapsed.TotalSeconds:0.0} a second, {report.Events} events, "
            + $"{report.VirtualSeconds:0} s of virtual time in {elapsed.TotalSeconds:0.0} s");
        Table injected = new Table().AddColumns("went wrong", "times");
        foreach ((string kind, long count) in report.Injected.Where(i => i.Value > 0))
        {
            injected.AddRow(kind, count.ToString(CultureInfo.InvariantCulture));
        }

        AnsiConsole.Write(injected);
        Table recoveries = new Table().AddColumns(
            "interruption", "times", "to the next committed step: p50", "p95", "longest");
        foreach (RecoveryFigures r in report.Recoveries)
        {
            recoveries.AddRow(
                r.Cause, r.Count.ToString(CultureInfo.InvariantCulture), Seconds(r.P50), Seconds(r.P95),
                Seconds(r.Max));
        }

        AnsiConsole.Write(recoveries);
        PrintControlPlane(report.ControlPlane, options);
        if (report.Failure is { } failure)
        {
            Print(failure, options.Workers);
            Say($"seeds that failed: {string.Join(", ", report.FailedSeeds)}");
        }
        else
        {
            Say("no promise was broken");
        }
    }

    private static void PrintControlPlane(ControlPlaneFigures figures, CampaignOptions options)
    {
        double steps = Math.Max(1, figures.Steps);
        Say($"control plane: {figures.Steps} committed steps, {figures.Generations} generations; "
            + $"{figures.Received.Values.Sum() / steps:0.0} messages to and {figures.Sent.Values.Sum() / steps:0.0} "
            + "from the coordinator a step");
        if (options.MeasureWith is null || figures.RegroupSeconds.Count == 0)
        {
            return;
        }

        Table messages = new Table().AddColumns("message", "times", "deciding, total", "each");
        foreach ((string kind, DecideCost cost) in figures.DecideSeconds.OrderByDescending(d => d.Value.Seconds))
        {
            messages.AddRow(
                kind,
                cost.Count.ToString(CultureInfo.InvariantCulture),
                Seconds(cost.Seconds),
                string.Create(CultureInfo.InvariantCulture, $"{cost.Seconds * 1e6 / cost.Count:0.0} us"));
        }

        AnsiConsole.Write(messages);
        Say($"one regroup: {Seconds(figures.RegroupSeconds[figures.RegroupSeconds.Count / 2])} of deciding (median of "
            + $"{figures.RegroupSeconds.Count}, longest {Seconds(figures.RegroupSeconds[^1])}), "
            + $"{figures.MembersTold / Math.Max(1, figures.Generations)} members named in its messages");
        Say($"memory with everything simulated: {figures.Bytes / 1048576.0:0.0} MiB, "
            + $"{figures.Bytes / 1024.0 / options.Workers:0.0} KiB a worker");
    }

    private static string Seconds(double seconds) => seconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0.0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s");
}
