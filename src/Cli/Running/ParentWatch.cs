namespace Colony.Cli.Running;

/// <summary>
/// A process that was started by a local run ends with it, however that ended: the pipe to its standard input closes.
/// </summary>
internal static class ParentWatch
{
    private const int ExitOrphaned = 3;

    /// <summary>Ends this process once its standard input does.</summary>
    public static void Begin() => _ = Task.Run(async () =>
    {
        byte[] nothing = new byte[1];
        await using Stream input = Console.OpenStandardInput();
        while (await input.ReadAsync(nothing).ConfigureAwait(false) > 0)
        {
        }

        await Console.Error.WriteLineAsync("colony: the run that started this process is gone").ConfigureAwait(false);
        Environment.Exit(ExitOrphaned);
    });
}
