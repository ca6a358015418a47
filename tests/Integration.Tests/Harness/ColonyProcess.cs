using System.Diagnostics;
using Colony.Testing;

namespace Colony.Integration.Tests;

/// <summary>What a command printed and how it ended.</summary>
internal sealed record Ended(int Code, string Out, string Error)
{
    public IReadOnlyList<string> ErrorLines =>
        [.. Error.Split('\n').Where(l => l.StartsWith("colony: ", StringComparison.Ordinal))];
}

/// <summary>
/// A process of the built command line, its outputs kept apart. Killed with its children when disposed.
/// </summary>
internal sealed class ColonyProcess : IAsyncDisposable
{
    /// <summary>Whether the tests that take minutes run too.</summary>
    public static readonly bool Slow =
        string.Equals(Environment.GetEnvironmentVariable("COLONY_SLOW"), "1", StringComparison.Ordinal);

    /// <summary>How long any command of these tests may take on a busy machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(Slow ? 30 : 3);

    private readonly Process _process;
    private readonly Task<string> _out;
    private readonly Task<string> _error;

    private ColonyProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.Start();
        _process.StandardInput.Close();
        _out = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        _error = _process.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <param name="arguments">Verb and options.</param>
    /// <param name="environment">Variables beside those of the tests.</param>
    /// <param name="through">A command that becomes the one after it, such as another namespace's entrance.</param>
    public static ColonyProcess Start(
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        IReadOnlyList<string>? through = null)
    {
        // Whoever started the tests in the background has Ctrl-C ignored, and so would every child of theirs.
        string[] command = [.. through ?? [], "env", "--default-signal=INT,QUIT", Program(), .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        return new ColonyProcess(start);
    }

    public static Task<Ended> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    public static async Task<Ended> RunAsync(
        IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        ColonyProcess command = Start(arguments, environment);
        await using (command)
        {
            return await command.EndAsync();
        }
    }

    /// <summary>Waits for its end; what it printed so far is told when the end does not come.</summary>
    public async Task<Ended> EndAsync()
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bounded.CancelAfter(Limit);
        try
        {
            await _process.WaitForExitAsync(bounded.Token);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"not ended after {Limit}. It printed:\n{await _out}\n{await _error}");
        }

        return new Ended(_process.ExitCode, await _out, await _error);
    }

    public Task ExitedAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private static string Program()
    {
        string beside = Path.Combine(AppContext.BaseDirectory, "colony");
        string built = Path.Combine(
            SharedFolder.RepositoryRoot ?? AppContext.BaseDirectory, "artifacts", "bin", "Cli", "release", "colony");
        string? found = new[] { built, beside }.FirstOrDefault(File.Exists);
        Assert.True(found is not null, $"the colony program is neither {built} nor {beside}; build src/Cli");
        return found!;
    }
}
