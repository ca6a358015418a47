using Colony.Cli;
using Colony.Cli.Running;

NativeHeap.ShareAmongThreads();
return await CommandLine.RunAsync(args).ConfigureAwait(false);
