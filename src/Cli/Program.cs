using Colony.Cli;

return await CommandLine.RunAsync(args).ConfigureAwait(false);
