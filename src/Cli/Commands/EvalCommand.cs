using System.CommandLine;
using Colony.Cli.Reporting;
using Colony.Evaluator;
using Spectre.Console;

namespace Colony.Cli.Commands;

/// <summary><c>colony eval</c>: recall of a run's checkpoint on any split.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "Folder of the run.", Required = true };
        var split = new Option<string?>("--split")
        {
            Description = "The split; the job's evaluation split unless given.",
        };
        var which = new Option<string>("--checkpoint")
        {
            Description = "latest, best or a step.",
            DefaultValueFactory = _ => "best",
        };
        Option<string?> baseDirectory = SharedOptions.Base();
        var command = new Command("eval", "Measures recall of a checkpoint.") { run, split, which, baseDirectory };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string folder = parsed.GetRequiredValue(run);
            JobSource source = FinishedRun.Source(folder, parsed.GetValue(baseDirectory));
            using TrainedModel model = await FinishedRun.OpenAsync(
                folder, source, parsed.GetValue(split) ?? source.Job.Evaluate.Split, parsed.GetRequiredValue(which),
                cancellationToken).ConfigureAwait(false);
            using Judged judged = Judgement.Of(
                model, source.Job.Evaluate.Index, source.Job.Train.Threads, cancellationToken);
            AnsiConsole.Write(RecallTable.Of(Judgement.ToProto(judged, model.Dataset.Images, model.Dataset.Samples)));
            return 0;
        });
        return command;
    }
}
