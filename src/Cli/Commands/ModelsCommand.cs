using System.CommandLine;
using System.Text.Json;
using Colony.Cli.Presets;
using Colony.Model;
using Spectre.Console;

namespace Colony.Cli.Commands;

/// <summary><c>colony models</c>: what a job file can name, and the published systems that there are presets
/// of.</summary>
internal static class ModelsCommand
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "For programs." };
        var command = new Command(
            "models", "Lists presets of published systems with their sizes, inputs and papers, models and objectives.")
        {
            json,
        };
        command.SetAction(parsed =>
        {
            var counter = new ParameterCount.Counter();
            (Preset Preset, ParameterCount Size)[] presets = [.. Preset.All().Select(p => (p, counter.Of(p)))];
            if (parsed.GetValue(json))
            {
                Console.WriteLine(Json(presets));
                return 0;
            }

            AnsiConsole.Write(Presets(presets));
            AnsiConsole.Write(Named());
            return 0;
        });
        return command;
    }

    private static string Json(IEnumerable<(Preset Preset, ParameterCount Size)> presets) => JsonSerializer.Serialize(
        new
        {
            Presets = presets.Select(p => new
            {
                p.Preset.Name,
                Model = p.Preset.Job.Model.Name,
                Objective = p.Preset.Job.Objective.Name,
                Parameters = p.Size.Fixed,
                ParametersEachWord = p.Size.EachWord,
                p.Preset.Images,
                p.Preset.Captions,
                p.Preset.Model.Paper,
            }),
            Models = ModelRegistry.All.Select(m => new { m.Name, m.Paper }),
            Objectives = ObjectiveRegistry.All.Select(o => new { o.Name, o.Paper }),
        },
        Format);

    private static Table Presets(IEnumerable<(Preset Preset, ParameterCount Size)> presets)
    {
        Table table = new Table().Title("configs/PRESET.yaml")
            .AddColumns("preset", "model", "objective", "parameters", "images", "captions");
        foreach ((Preset preset, ParameterCount size) in presets)
        {
            table.AddRow(
                preset.Name, preset.Job.Model.Name, preset.Job.Objective.Name, size.ToString(), preset.Images,
                preset.Captions);
        }

        return table;
    }

    private static Table Named()
    {
        Table table = new Table().Title("model.name and objective.name")
            .AddColumns("kind", "name", "published in");
        foreach (ModelEntry model in ModelRegistry.All)
        {
            table.AddRow("model", model.Name, Markup.Escape(model.Paper));
        }

        foreach (ObjectiveEntry objective in ObjectiveRegistry.All)
        {
            table.AddRow("objective", objective.Name, Markup.Escape(objective.Paper));
        }

        return table;
    }
}
