using System.CommandLine;
using Colony.Cli.Reporting;
using Colony.Evaluator;
using Spectre.Console;

namespace Colony.Cli.Commands;

/// <summary><c>colony compare</c>: learning curves of several runs in one picture.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var runs = new Argument<string[]>("run")
        {
            Description = "Folders of runs, finished or under way; NAME=FOLDER names one.",
            Arity = new ArgumentArity(1, ComparisonPage.MaximumRuns),
        };
        var output = new Option<string>("--out")
        {
            Description = "The page to write.",
            DefaultValueFactory = _ => "compare.html",
        };
        var command = new Command("compare", "Draws the learning curves of several runs beside each other.")
        {
            runs, output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ComparedRun[] compared = [.. parsed.GetRequiredValue(runs).Select(Read)];
            string page = Path.GetFullPath(parsed.GetRequiredValue(output));
            await ComparisonPage.WriteAsync(page, compared, cancellationToken).ConfigureAwait(false);
            Table table = new Table().AddColumns("run", "steps", "last loss", "Rsum", "split");
            foreach (ComparedRun run in compared)
            {
                RunEvaluation? last = run.Evaluations.Count > 0 ? run.Evaluations[^1] : null;
                table.AddRow(
                    Markup.Escape(run.Name),
                    FormattableString.Invariant($"{run.Loss.Count}"),
                    run.Loss.Count > 0 ? FormattableString.Invariant($"{run.Loss[^1].Y:0.###}") : "",
                    last is null ? "" : FormattableString.Invariant($"{last.Metrics.RecallSum:0.0}"),
                    last?.Split ?? "");
            }

            AnsiConsole.Write(table);
            AnsiConsole.WriteLine(page);
            return 0;
        });
        return command;
    }

    private static ComparedRun Read(string argument)
    {
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && !Directory.Exists(argument)
            ? RunHistory.Read(argument[(equals + 1)..], argument[..equals])
            : RunHistory.Read(argument, Path.GetFileName(Path.TrimEndingDirectorySeparator(argument)));
    }
}
