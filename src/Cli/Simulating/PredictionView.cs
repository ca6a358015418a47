using System.Globalization;
using System.Text.Json;
using Colony.Simulation;
using Spectre.Console;

namespace Colony.Cli.Simulating;

/// <summary>Prints what a cluster would do, for one worker and its doubles.</summary>
internal static class PredictionView
{
    /// <summary>Simulated crashes for each size.</summary>
    private const int Crashes = 20;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static async Task<int> ShowAsync(
        ClusterModel model, int workers, bool json, CancellationToken cancellationToken)
    {
        var rows = new List<Row>();
        foreach (int size in Sizes(workers))
        {
            RegroupCost cost = size == 1
                ? new RegroupCost(0, 0)
                : await Task.Run(
                    () => RecoverySimulation.Measure(
                        size, TimeSpan.FromMilliseconds(model.LatencyMs), Crashes, cancellationToken),
                    cancellationToken).ConfigureAwait(false);
            double goodput = model.Goodput(size, cost.DeathSeconds + cost.JoinSeconds);
            rows.Add(new Row(
                size, model.Compute(size), model.Exchange(size), model.Step(size), cost.DeathSeconds, cost.JoinSeconds,
                goodput, model.Step(1) / model.Step(size) * goodput));
        }

        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { Model = model, Rows = rows }, Indented));
        }
        else
        {
            Print(rows);
        }

        return 0;
    }

    private static IEnumerable<int> Sizes(int workers)
    {
        for (int size = 1; size < workers; size *= 2)
        {
            yield return size;
        }

        yield return workers;
    }

    private static void Print(List<Row> rows)
    {
        Table table = new Table().AddColumns(
            "workers", "compute s", "network s", "step s", "after a death s", "a join s", "goodput %", "speed-up");
        foreach (Row row in rows)
        {
            table.AddRow(
                row.Workers.ToString(CultureInfo.InvariantCulture), Text(row.Compute), Text(row.Network),
                Text(row.Step), Text(row.Death), Text(row.Join), Text(row.Goodput * 100), Text(row.SpeedUp));
        }

        AnsiConsole.Write(table);
    }

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private sealed record Row(
        int Workers, double Compute, double Network, double Step, double Death, double Join, double Goodput,
        double SpeedUp);
}
