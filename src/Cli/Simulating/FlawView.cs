using System.Globalization;
using System.Text.Json;
using Colony.Simulation;
using Spectre.Console;

namespace Colony.Cli.Simulating;

/// <summary>Makes deliberate mistakes and shows which promise catches each, and by which seed.</summary>
internal static class FlawView
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <param name="options">What to run.</param>
    /// <param name="flaws">The mistakes, one after the other.</param>
    /// <param name="given">Whether the faults were asked for; else those under which a mistake shows are taken.</param>
    /// <param name="json">Whether to print JSON.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>0 when each is caught, 1 when one is not.</returns>
    public static async Task<int> ShowAsync(
        CampaignOptions options, IReadOnlyList<Flaw> flaws, bool given, bool json, CancellationToken cancellationToken)
    {
        var caught = new List<(Flaw Flaw, CampaignFailure? Failure)>();
        foreach (Flaw flaw in flaws)
        {
            var view = new CampaignProgressView(options.Seeds);
            Task<CampaignReport> running = SimulationCampaign.RunAsync(
                options with
                {
                    Flaw = flaw,
                    Faults = given ? options.Faults : FaultSet.Showing(flaw),
                    StopAfterViolations = 1,
                    ViolationsToCut = 1,
                    MeasureWith = null,
                },
                view,
                cancellationToken);
            CampaignReport report = await (json ? running : view.ShowAsync(running)).ConfigureAwait(false);
            caught.Add((flaw, report.Failure));
        }

        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                caught.Select(c => new { Flaw = c.Flaw.ToString(), Caught = c.Failure is not null, c.Failure }),
                Indented));
        }
        else if (caught is [(var flaw, { } failure)])
        {
            CampaignView.Say($"{flaw} is caught:");
            CampaignView.Print(failure, options.Workers);
        }
        else
        {
            Table table = new Table().AddColumns("mistake", "promise that catches it", "seed", "faults it takes");
            foreach ((Flaw mistake, CampaignFailure? by) in caught)
            {
                table.AddRow(
                    mistake.ToString(),
                    Markup.Escape(by?.Invariant ?? $"not caught within {options.Seeds} seeds"),
                    by?.Seed.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
                    by?.Schedule.Count.ToString(CultureInfo.InvariantCulture) ?? string.Empty);
            }

            AnsiConsole.Write(table);
        }

        return caught.TrueForAll(c => c.Failure is not null) ? 0 : CampaignView.Violated;
    }
}
