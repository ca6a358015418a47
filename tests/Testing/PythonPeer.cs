namespace Colony.Testing;

/// <summary>Debian's Python as a foreign peer.</summary>
public static class PythonPeer
{
    /// <summary>Debian's own interpreter, to which its python3-* packages belong.</summary>
    private const string Interpreter = "/usr/bin/python3";

    private static readonly TimeSpan ImportLimit = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Starts a script beside the test's executable, with its output unbuffered. The test is skipped when Python or one
    /// of
    /// its modules is missing, and fails where COLONY_CI=1.
    /// </summary>
    public static async Task<ServerProcess> StartAsync(
        string script,
        IEnumerable<string> arguments,
        IReadOnlyList<string> modules,
        CancellationToken cancellationToken)
    {
        await RequireAsync(modules, cancellationToken);
        return ServerProcess.Start(
            Interpreter, ["-u", Path.Combine(AppContext.BaseDirectory, script), .. arguments],
            environment: new Dictionary<string, string> { ["PYTHONDONTWRITEBYTECODE"] = "1" });
    }

    private static async Task RequireAsync(IReadOnlyList<string> modules, CancellationToken cancellationToken)
    {
        if (File.Exists(Interpreter))
        {
            var imports = "import " + string.Join(", ", modules);
            var (code, _) = await ServerProcess.RunAsync(
                Interpreter, ["-c", imports], null, ImportLimit, cancellationToken);
            if (code == 0)
            {
                return;
            }
        }

        Tools.Absent($"{Interpreter} with {string.Join(", ", modules)} is not installed here.");
    }
}
