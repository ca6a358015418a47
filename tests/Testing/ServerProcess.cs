using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Colony.Testing;

/// <summary>
/// A foreign program run by a test: a server that is ready when it has printed a certain line, or a tool that runs to
/// its end. Killed, with its children, when disposed.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private const int MaxKeptLines = 200;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly List<(Regex Pattern, TaskCompletionSource<Match> Seen)> _waits = [];
    private readonly Lock _lock = new();

    private ServerProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, e) => OnLine(e.Data);
        _process.ErrorDataReceived += (_, e) => OnLine(e.Data);
        _process.Exited += (_, _) => OnExit();
    }

    /// <summary>The last lines that the program printed, on both of its outputs.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Starts a program.</summary>
    public static ServerProcess Start(
        string program,
        IEnumerable<string> arguments,
        string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(start);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return server;
    }

    /// <summary>
    /// Runs a program to its end and returns its exit code; <see cref="Output"/> has what it printed.
    /// </summary>
    public static async Task<(int Code, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, string? input, TimeSpan limit, CancellationToken ct)
    {
        var tool = Start(program, arguments);
        await using (tool)
        {
            if (input is not null)
            {
                await tool._process.StandardInput.WriteAsync(input.AsMemory(), ct);
            }

            tool._process.StandardInput.Close();
            using var bounded = CancellationTokenSource.CreateLinkedTokenSource(ct);
            bounded.CancelAfter(limit);
            try
            {
                await tool._process.WaitForExitAsync(bounded.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                throw new TimeoutException($"'{program}' has not ended after {limit}. It printed:\n{tool.Output}");
            }

            return (tool._process.ExitCode, tool.Output);
        }
    }

    /// <summary>Waits for a line, printed already or to come.</summary>
    public async Task<Match> LineAsync(string pattern, TimeSpan limit, CancellationToken ct)
    {
        var regex = new Regex(pattern, RegexOptions.None, TimeSpan.FromSeconds(1));
        var seen = new TaskCompletionSource<Match>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_lines.Select(line => regex.Match(line)).FirstOrDefault(match => match.Success) is { } early)
            {
                return early;
            }

            _waits.Add((regex, seen));
        }

        if (_process.HasExited)
        {
            OnExit();
        }

        try
        {
            return await seen.Task.WaitAsync(limit, ct);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"No line like '{pattern}' after {limit}. The program printed:\n{Output}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        // Killed just now: waiting for the end belongs to the cleaning up, whatever became of the test.
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxKeptLines)
            {
                _lines.TryDequeue(out _);
            }

            foreach (var (pattern, seen) in _waits)
            {
                if (pattern.Match(line) is { Success: true } match)
                {
                    seen.TrySetResult(match);
                }
            }
        }
    }

    private void OnExit()
    {
        lock (_lock)
        {
            foreach (var (pattern, seen) in _waits)
            {
                seen.TrySetException(new InvalidOperationException(
                    $"The program ended before it printed a line like '{pattern}'. It printed:\n{Output}"));
            }
        }
    }
}
