using System.CommandLine;
using Colony.Cli.Reporting;
using Colony.Cli.Running;
using Colony.Data;
using Colony.Evaluator;
using Colony.Jobs;
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
        var protocol = new Option<string?>("--protocol")
        {
            Description = "all, or coco_1k_folds: the mean of five folds of 1,000; what the job says unless given.",
        };
        Option<string?> baseDirectory = SharedOptions.Base();
        var command = new Command("eval", "Measures recall of a checkpoint.")
        {
            run, split, which, protocol, baseDirectory,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string folder = parsed.GetRequiredValue(run);
            JobSource source = FinishedRun.Source(folder, parsed.GetValue(baseDirectory));
            string? asked = parsed.GetValue(protocol);
            if (asked is not (null or EvaluateSection.AllImages or EvaluateSection.CocoFolds))
            {
                throw new UsageException(
                    $"--protocol '{asked}': write {EvaluateSection.AllImages} or {EvaluateSection.CocoFolds}");
            }

            EvaluateSection evaluate = source.Job.Evaluate;
            string name = parsed.GetValue(split) ?? evaluate.Split;
            using IDataset data = TrainedModel.OpenData(source.Job, source.BaseDirectory, name, ProgressView.Say);
            using TrainedModel model = await FinishedRun.OpenAsync(
                folder, source, data, name, parsed.GetRequiredValue(which), cancellationToken).ConfigureAwait(false);
            using Judged judged = Judgement.Of(
                model, evaluate.Index, asked ?? evaluate.ProtocolOf(name),
                source.Job.Train.Threads, cancellationToken);
            AnsiConsole.Write(RecallTable.Of(Judgement.ToProto(judged, model.Dataset.Images, model.Dataset.Samples)));
            return 0;
        });
        return command;
    }
}
