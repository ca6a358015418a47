using System.CommandLine;
using Colony.Cli.Running;

namespace Colony.Cli.Commands;

/// <summary><c>colony train</c>: a whole run on this machine.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        Argument<string> job = SharedOptions.Job();
        Option<string[]> set = SharedOptions.Set();
        var workers = new Option<int?>("--workers")
        {
            Description = "Worker processes; the job's number unless given.",
        };
        var output = new Option<string?>("--out")
        {
            Description = "Folder of the run: job, events, checkpoints, logs, report. runs/JOB unless given.",
        };
        var resume = new Option<bool>("--resume") { Description = "Goes on from the latest checkpoint of the folder." };
        var check = new Option<bool>("--check")
        {
            Description = "Only validates the job file and the data, and goes through one step.",
        };
        var noEvaluator = new Option<bool>("--no-evaluator") { Description = "Trains without recall." };
        var command = new Command("train", "Trains a job: coordinator, workers and evaluator on this machine.")
        {
            job, set, workers, output, resume, check, noEvaluator,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var sets = new List<string>(parsed.GetValue(set) ?? []);
            if (parsed.GetValue(workers) is { } count)
            {
                sets.Add(FormattableString.Invariant($"workers.count={count}"));
            }

            JobSource source = JobSource.Read(parsed.GetRequiredValue(job), sets);
            source.CheckData();
            if (!parsed.GetValue(resume))
            {
                source.CheckAgreement();
                if (source.Doubt() is { } doubt)
                {
                    await Console.Error.WriteLineAsync($"colony: {doubt}").ConfigureAwait(false);
                }
            }

            if (parsed.GetValue(check))
            {
                string step = await source.CheckStepAsync(cancellationToken).ConfigureAwait(false);
                Console.WriteLine(
                    $"{parsed.GetRequiredValue(job)}: job '{source.Job.Name}' is sound, {step}, hash "
                    + source.Job.Hash());
                return 0;
            }

            using var signals = new StopSignals(ignoreInterrupt: false);
            return await LocalRun.RunAsync(
                new LocalRunOptions(
                    source,
                    parsed.GetValue(output) ?? Path.Combine("runs", source.Job.Name),
                    parsed.GetValue(resume),
                    !parsed.GetValue(noEvaluator)),
                signals.Asked).ConfigureAwait(false);
        });
        return command;
    }
}
