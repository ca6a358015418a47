using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// In one process: the generated projects that are the default would need a restore of their own.
var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
var reports = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "bench"));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly)
    .Run(args, DefaultConfig.Instance.AddJob(job).WithArtifactsPath(reports));
