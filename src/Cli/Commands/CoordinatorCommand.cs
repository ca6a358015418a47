using System.CommandLine;
using Colony.Cli.Reporting;
using Colony.Cli.Running;
using Colony.Coordinator;
using Colony.Jobs;
using Colony.Storage;
using Colony.Telemetry;

namespace Colony.Cli.Commands;

/// <summary><c>colony coordinator</c>: the coordinator alone, for workers and an evaluator started elsewhere.</summary>
internal static class CoordinatorCommand
{
    public static Command Create()
    {
        Argument<string> job = SharedOptions.Job();
        Option<string[]> set = SharedOptions.Set();
        Option<string?> baseDirectory = SharedOptions.Base();
        var output = new Option<string>("--out") { Description = "Folder of the run.", Required = true };
        var resume = new Option<bool>("--resume")
        {
            Description = "Goes on from the journal or the latest checkpoint, or starts where there is none.",
        };
        var journal = new Option<string?>("--journal")
        {
            Description = "Directory of the journal, from which a coordinator that was killed goes on; in the run's "
                + "folder unless given.",
        };
        var noEvaluator = new Option<bool>("--no-evaluator") { Description = "Does not wait for recall at the end." };
        Option<string> host = SharedOptions.Host();
        Option<int> port = SharedOptions.Port();
        Option<int> metricsPort = SharedOptions.MetricsPort();
        Option<bool> allowInsecure = SharedOptions.AllowInsecure();
        var command = new Command("coordinator", "Forms the group of workers and keeps the run's account.")
        {
            job, set, baseDirectory, output, resume, journal, noEvaluator, host, port, metricsPort, allowInsecure,
        };
        command.SetAction(async (parsed, _) =>
        {
            JobSource source = JobSource.Read(
                parsed.GetRequiredValue(job), parsed.GetValue(set) ?? [], parsed.GetValue(baseDirectory));
            using var signals = new StopSignals(ignoreInterrupt: false);
            RunFolder folder = RunFolder.Open(parsed.GetRequiredValue(output));
            return await RunAsync(
                source,
                folder,
                address => new CoordinatorHostOptions
                {
                    Job = source.Job,
                    Store = address,
                    Journal = parsed.GetValue(journal) ?? folder.Journal,
                    Resume = parsed.GetValue(resume),
                    ExpectEvaluator = !parsed.GetValue(noEvaluator),
                    Host = parsed.GetRequiredValue(host),
                    Port = parsed.GetValue(port),
                    MetricsPort = parsed.GetValue(metricsPort),
                    AllowInsecure = parsed.GetValue(allowInsecure),
                },
                signals.Asked).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        JobSource source, RunFolder folder, Func<string, CoordinatorHostOptions> options, CancellationToken asked)
    {
        Job job = source.Job;
        string address = folder.StoreAddress(job.Checkpoint.Store);
        using IObjectStore store = RunFolder.OpenStore(address);
        await using EventLog events = EventLog.Append(folder.Events, "coordinator", TimeProvider.System);
        var view = new ProgressView(job.Train.Epochs);
        await using CoordinatorHost coordinator = await CoordinatorHost.StartAsync(
            options(address),
            new CheckpointCatalog(store, note => events.Write("checkpoint_note", ("note", note))),
            events,
            view,
            TimeProvider.System,
            asked).ConfigureAwait(false);
        await File.WriteAllTextAsync(folder.Job, job.ToYaml(), asked).ConfigureAwait(false);
        ProgressView.Say($"coordinator {coordinator.Address}, status and metrics at {coordinator.MetricsAddress}");
        await using CancellationTokenRegistration drain = asked.Register(() => coordinator.Drain("asked to stop"));
        RunResult result = await view.ShowAsync(coordinator.Ended).ConfigureAwait(false);
        return await RunReportFile.WriteAsync(folder, source, result).ConfigureAwait(false);
    }
}
