using System.CommandLine;
using Colony.Cli.Running;
using Colony.Worker;

namespace Colony.Cli.Commands;

/// <summary><c>colony worker</c>: computes gradients for a coordinator.</summary>
internal static class WorkerCommand
{
    public const string Name = "worker";

    public static Command Create()
    {
        Argument<string> job = SharedOptions.Job();
        Option<string[]> set = SharedOptions.Set();
        Option<string?> baseDirectory = SharedOptions.Base();
        Option<string> coordinator = SharedOptions.Coordinator();
        var name = new Option<string>("--name")
        {
            Description = "The worker's name, unique in the run and the same after a restart.",
            DefaultValueFactory = _ => $"{Environment.MachineName}-{Environment.ProcessId}",
        };
        Option<string> host = SharedOptions.Host();
        Option<string?> advertise = SharedOptions.Advertise();
        Option<int> port = SharedOptions.Port();
        Option<int> metricsPort = SharedOptions.MetricsPort();
        Option<bool> allowInsecure = SharedOptions.AllowInsecure();
        Option<bool> supervised = SharedOptions.Supervised();
        var command = new Command(Name, "Joins a coordinator and trains until it says goodbye.")
        {
            job, set, baseDirectory, coordinator, name, host, advertise, port, metricsPort, allowInsecure, supervised,
        };
        command.SetAction(async (parsed, _) =>
        {
            JobSource source = JobSource.Read(
                parsed.GetRequiredValue(job), parsed.GetValue(set) ?? [], parsed.GetValue(baseDirectory));
            source.CheckDevice();
            if (parsed.GetValue(supervised))
            {
                ParentWatch.Begin();
            }

            using var signals = new StopSignals(parsed.GetValue(supervised));
            (int code, string reason) = await WorkerHost.RunAsync(
                new WorkerHostOptions
                {
                    Job = source.Job,
                    BaseDirectory = source.BaseDirectory,
                    Name = parsed.GetRequiredValue(name),
                    Coordinator = parsed.GetRequiredValue(coordinator),
                    Host = parsed.GetRequiredValue(host),
                    AdvertisedHost = parsed.GetValue(advertise),
                    Port = parsed.GetValue(port),
                    MetricsPort = parsed.GetValue(metricsPort),
                    AllowInsecure = parsed.GetValue(allowInsecure),
                },
                line => Console.Error.WriteLine(line),
                TimeProvider.System,
                signals.Asked).ConfigureAwait(false);
            if (code != 0)
            {
                await Console.Error.WriteLineAsync($"colony: {reason}").ConfigureAwait(false);
            }

            return code;
        });
        return command;
    }
}
