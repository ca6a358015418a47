using System.CommandLine;
using Colony.Cli.Running;
using Colony.Data;

namespace Colony.Cli.Commands;

/// <summary><c>colony demo</c>: a synthetic world, a small TERN on two workers, one query.</summary>
internal static class DemoCommand
{
    private const string Query = "a red ball left of a dog";
    private const int TrainScenes = 2000;
    private const int HeldOutScenes = 1000;
    private const int MaxFolders = 10_000;

    public static Command Create()
    {
        var output = new Option<string?>("--out") { Description = "Folder of the run; runs/demo unless given." };
        Option<string[]> set = SharedOptions.Set();
        var command = new Command(
            "demo", "Makes a world of scenes, trains on it with two workers, and asks it something.")
        {
            output, set,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RunFolder folder = RunFolder.Open(parsed.GetValue(output) ?? Fresh());
            string jobFile = Path.Combine(AppContext.BaseDirectory, "configs", "demo.yaml");
            JobSource source = JobSource.Read(jobFile, parsed.GetValue(set) ?? [], folder.Path);
            string world = Path.Combine(folder.Path, ((DatasetOptions)source.Job.Data).Path);
            ProgressView.Say(
                $"drawing {TrainScenes} scenes to learn from and {HeldOutScenes} each to tune and test on");
            WorldWriter.Write(
                world,
                TrainScenes,
                source.Job.Seed,
                new WorldOptions { DevScenes = HeldOutScenes, TestScenes = HeldOutScenes },
                cancellationToken);
            source.CheckData();
            using var signals = new StopSignals(ignoreInterrupt: false);
            int code = await LocalRun.RunAsync(
                new LocalRunOptions(source, folder.Path, Resume: false, Evaluate: true), signals.Asked)
                    .ConfigureAwait(false);
            if (code != 0 || signals.Asked.IsCancellationRequested)
            {
                return code;
            }

            ProgressView.Say($"colony query --run {folder.Path} \"{Query}\"");
            return await QueryCommand.RunAsync(
                folder.Path, Query, null, null, "best", 8, folder.Path, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    // An earlier demo's folder is somebody's; a new one gets the next number.
    private static string Fresh()
    {
        for (int i = 1; i < MaxFolders; i++)
        {
            string path = Path.Combine("runs", i == 1 ? "demo" : FormattableString.Invariant($"demo-{i}"));
            if (!Directory.Exists(path))
            {
                return path;
            }
        }

        throw new UsageException("runs/ holds too many demos; give --out a folder");
    }
}
