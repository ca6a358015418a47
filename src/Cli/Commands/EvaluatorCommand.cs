using System.CommandLine;
using Colony.Cli.Running;
using Colony.Evaluator;

namespace Colony.Cli.Commands;

/// <summary><c>colony evaluator</c>: judges snapshots for a coordinator and answers searches.</summary>
internal static class EvaluatorCommand
{
    public const string Name = "evaluator";

    public static Command Create()
    {
        Argument<string> job = SharedOptions.Job();
        Option<string[]> set = SharedOptions.Set();
        Option<string?> baseDirectory = SharedOptions.Base();
        Option<string> coordinator = SharedOptions.Coordinator();
        Option<string> host = SharedOptions.Host();
        Option<int> port = SharedOptions.Port();
        Option<int> metricsPort = SharedOptions.MetricsPort();
        Option<bool> allowInsecure = SharedOptions.AllowInsecure();
        Option<bool> supervised = SharedOptions.Supervised();
        var command = new Command(Name, "Builds an index of every snapshot and reports recall.")
        {
            job, set, baseDirectory, coordinator, host, port, metricsPort, allowInsecure, supervised,
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
            return await EvaluatorHost.RunAsync(
                new EvaluatorHostOptions
                {
                    Job = source.Job,
                    BaseDirectory = source.BaseDirectory,
                    Coordinator = parsed.GetRequiredValue(coordinator),
                    Host = parsed.GetRequiredValue(host),
                    Port = parsed.GetValue(port),
                    MetricsPort = parsed.GetValue(metricsPort),
                    AllowInsecure = parsed.GetValue(allowInsecure),
                },
                line => Console.Error.WriteLine(line),
                TimeProvider.System,
                signals.Asked).ConfigureAwait(false);
        });
        return command;
    }
}
