using System.Diagnostics;
using Xunit;

namespace Colony.Testing;

/// <summary>Debian's Python as a foreign peer.</summary>
public static class PythonPeer
{
    /// <summary>Debian's own interpreter, to which its python3-* packages belong.</summary>
    public const string Interpreter = "/usr/bin/python3";

    /// <summary>
    /// Skips the test when Python or one of its modules is missing; fails it when COLONY_CI=1, where they must be there.
    /// </summary>
    public static async Task RequireAsync(CancellationToken cancellationToken, params string[] modules)
    {
        if (await HasAsync(modules, cancellationToken))
        {
            return;
        }

        var sentence = $"{Interpreter} with {string.Join(", ", modules)} is not installed here.";
        if (Environment.GetEnvironmentVariable("COLONY_CI") == "1")
        {
            Assert.Fail(sentence + " COLONY_CI=1 demands it.");
        }

        Assert.Skip(sentence);
    }

    /// <summary>Runs a script, with its path and arguments, unbuffered.</summary>
    public static PeerProcess Start(string script, params IEnumerable<string> arguments) =>
        PeerProcess.Start(Interpreter, ["-u", Path.Combine(AppContext.BaseDirectory, script), .. arguments]);

    private static async Task<bool> HasAsync(string[] modules, CancellationToken cancellationToken)
    {
        if (!File.Exists(Interpreter))
        {
            return false;
        }

        using var probe = Process.Start(new ProcessStartInfo(Interpreter, ["-c", "import " + string.Join(", ", modules)])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        await probe.WaitForExitAsync(cancellationToken);
        return probe.ExitCode == 0;
    }
}
