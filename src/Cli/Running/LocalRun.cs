using Colony.Coordinator;
using Colony.Jobs;
using Colony.Storage;
using Colony.Telemetry;

namespace Colony.Cli.Running;

/// <summary>What `colony train` was asked to do.</summary>
internal sealed record LocalRunOptions(JobSource Source, string Out, bool Resume, bool Evaluate);

/// <summary>
/// A whole run on this machine: the coordinator here, workers and evaluator as processes of their own, progress on the
/// terminal, the report at the end.
/// </summary>
internal static class LocalRun
{
    public static async Task<int> RunAsync(LocalRunOptions options, CancellationToken asked)
    {
        RunFolder folder = RunFolder.Open(options.Out);
        Job job = options.Source.Job;
        string address = folder.StoreAddress(job.Checkpoint.Store);
        using IObjectStore store = RunFolder.OpenStore(address);
        await using EventLog events = EventLog.Append(folder.Events, "coordinator", TimeProvider.System);
        var view = new ProgressView(job.Train.Epochs);
        await using CoordinatorHost host = await CoordinatorHost.StartAsync(
            new CoordinatorHostOptions
            {
                Job = job,
                Store = address,
                Journal = folder.Journal,
                Resume = options.Resume,
                ExpectEvaluator = options.Evaluate,
                Host = job.Listen.Host,
                Port = job.Listen.CoordinatorPort,
                MetricsPort = job.Listen.MetricsPort,
            },
            new CheckpointCatalog(store, note => events.Write("checkpoint_note", ("note", note))),
            events,
            view,
            TimeProvider.System,
            asked).ConfigureAwait(false);
        await File.WriteAllTextAsync(folder.Job, job.ToYaml(), asked).ConfigureAwait(false);
        await File.WriteAllTextAsync(folder.At(Commands.FinishedRun.BaseFile), options.Source.BaseDirectory, asked)
            .ConfigureAwait(false);
        events.Write(
            "started", ("job", job.Name), ("hash", job.Hash()), ("coordinator", host.Address),
            ("metrics", host.MetricsAddress.ToString()), ("store", address));
        Prometheus.Follow(folder, host);
        ProgressView.Say($"run {folder.Path}, status and metrics at {host.MetricsAddress}");
        await using CancellationTokenRegistration drain = asked.Register(() =>
        {
            ProgressView.Say("finishing the step and writing a checkpoint; Ctrl-C was heard");
            host.Drain("asked to stop");
        });

        Task roles = RolesAsync(options, folder, host, events);
        RunResult result;
        try
        {
            result = await view.ShowAsync(host.Ended).ConfigureAwait(false);
        }
        finally
        {
            await roles.ConfigureAwait(false);
        }

        return await Reporting.RunReportFile.WriteAsync(folder, options.Source, result).ConfigureAwait(false);
    }

    private static Task RolesAsync(LocalRunOptions options, RunFolder folder, CoordinatorHost host, EventLog events)
    {
        Job job = options.Source.Job;
        string[] common =
        [
            folder.Job, "--base", options.Source.BaseDirectory, "--coordinator", host.Address, "--supervised", "--host",
            job.Listen.Host,
        ];
        var supervisor = new Supervisor(
            host,
            events,
            name => ChildProcess.Start(
                name,
                folder.Logs,
                job.Train.Threads,
                string.Equals(name, "evaluator", StringComparison.Ordinal)
                    ? ["evaluator", .. common]
                    : ["worker", .. common, "--name", name]),
            TimeProvider.System);
        var roles = new List<Task>();
        for (int i = 0; i < job.Workers.Count; i++)
        {
            roles.Add(supervisor.KeepAsync($"worker-{i}", needed: true));
        }

        if (options.Evaluate)
        {
            roles.Add(supervisor.KeepAsync("evaluator", needed: true));
        }

        return Task.WhenAll(roles);
    }
}
