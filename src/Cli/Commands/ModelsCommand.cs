using System.CommandLine;
using Colony.Model;
using Spectre.Console;

namespace Colony.Cli.Commands;

/// <summary><c>colony models</c>: what a job file can name.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var command = new Command("models", "Lists the models and objectives that job files can name.");
        command.SetAction(_ =>
        {
            Table table = new Table().AddColumns("kind", "name", "published in");
            foreach (ModelEntry model in ModelRegistry.All)
            {
                table.AddRow("model", model.Name, Markup.Escape(model.Paper));
            }

            foreach (ObjectiveEntry objective in ObjectiveRegistry.All)
            {
                table.AddRow("objective", objective.Name, Markup.Escape(objective.Paper));
            }

            AnsiConsole.Write(table);
            return 0;
        });
        return command;
    }
}
