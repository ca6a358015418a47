using System.Diagnostics;

namespace Colony.Cli.Running;

/// <summary>A role of the run as a process of its own; what it says goes to a log file.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>How long a child that was told to go may take before it is killed.</summary>
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(20);

    /// <summary>What this program's errors begin with.</summary>
    private const string ErrorPrefix = "colony: ";

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Lock _gate = new();
    private string _lastLine = string.Empty;
    private string? _error;

    private ChildProcess(string name, Process process, StreamWriter log) =>
        (Name, _process, _log) = (name, process, log);

    /// <summary>The role's name.</summary>
    public string Name { get; }

    /// <summary>Completed with the exit code.</summary>
    public Task<int> Exited { get; private set; } = Task.FromResult(0);

    /// <summary>
    /// Why it failed: the error that it told, without the command's name, else the last line that it wrote.
    /// </summary>
    public string Reason
    {
        get
        {
            lock (_gate)
            {
                return _error ?? _lastLine;
            }
        }
    }

    public int Id => _process.Id;

    /// <summary>Starts this same program with other arguments.</summary>
    /// <param name="name">The role's name, also of its log.</param>
    /// <param name="logFolder">Where the log goes.</param>
    /// <param name="threads">Compute threads that its libraries may use.</param>
    /// <param name="arguments">The command line.</param>
    public static ChildProcess Start(string name, string logFolder, int threads, IEnumerable<string> arguments)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("this program has no path");
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        if (string.Equals(Path.GetFileNameWithoutExtension(program), "dotnet", StringComparison.Ordinal))
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "colony.dll"));
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        string count = threads.ToString(System.Globalization.CultureInfo.InvariantCulture);
        start.Environment["OMP_NUM_THREADS"] = count;
        start.Environment["OPENBLAS_NUM_THREADS"] = count;
        var log = new StreamWriter(Path.Combine(logFolder, name + ".log"), append: true) { AutoFlush = true };
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var child = new ChildProcess(name, process, log);
        process.OutputDataReceived += (_, line) => child.Said(line.Data);
        process.ErrorDataReceived += (_, line) => child.Said(line.Data);
        process.Start();

        // Its standard input stays open as long as this process lives: its end tells the child to go.
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        child.Exited = child.WaitAsync();
        return child;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Exited.WaitAsync(ExitPatience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await Exited.ConfigureAwait(false);
        }

        _process.Dispose();
        await _log.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        return _process.ExitCode;
    }

    private void Said(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            if (line.StartsWith(ErrorPrefix, StringComparison.Ordinal))
            {
                _error ??= line[ErrorPrefix.Length..];
            }

            _lastLine = line.Length > 0 ? line : _lastLine;
            _log.WriteLine(line);
        }
    }
}
