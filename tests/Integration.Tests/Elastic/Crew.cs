using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Colony.Integration.Tests;

/// <summary>
/// A coordinator and workers as processes of their own, which come, go and die as a test says. All are killed with it.
/// </summary>
internal sealed class Crew : IAsyncDisposable
{
    private readonly string[] _job;
    private readonly string _port = FreePort().ToString(CultureInfo.InvariantCulture);
    private readonly Dictionary<string, ColonyProcess> _workers = new(StringComparer.Ordinal);
    private readonly List<ColonyProcess> _gone = [];

    /// <param name="job">The job's path and what overrides it.</param>
    /// <param name="folder">The run's folder.</param>
    public Crew(IEnumerable<string> job, string folder)
    {
        _job = [.. job];
        Run = new RunFiles(folder);
        Coordinator = StartCoordinator();
    }

    public RunFiles Run { get; }

    public ColonyProcess Coordinator { get; private set; }

    public IEnumerable<string> Workers => _workers.Keys;

    /// <summary>Starts a worker, or one more of a name whose last one has died.</summary>
    public void Add(string name, IReadOnlyDictionary<string, string>? environment = null) =>
        _workers.Add(
            name,
            ColonyProcess.Start(
                ["worker", .. _job, "--coordinator", $"127.0.0.1:{_port}", "--name", name], environment));

    /// <summary>The process of a worker.</summary>
    public int IdOf(string name) => _workers[name].Id;

    /// <summary>Sends a signal that leaves the worker in the crew.</summary>
    public void Signal(string name, int signal) => Signals.Send(_workers[name].Id, signal);

    /// <summary>Sends a signal that the worker does not outlive.</summary>
    public ColonyProcess Remove(string name, int signal)
    {
        ColonyProcess worker = Take(name);
        Signals.Send(worker.Id, signal);
        return worker;
    }

    /// <summary>Takes a worker out that ends by itself.</summary>
    public ColonyProcess Take(string name)
    {
        ColonyProcess worker = _workers[name];
        _workers.Remove(name);
        _gone.Add(worker);
        return worker;
    }

    /// <summary>Kills the coordinator and starts another one on the same journal and port.</summary>
    public async Task ReplaceCoordinatorAsync()
    {
        Signals.Send(Coordinator.Id, Signals.Kill);
        await Coordinator.ExitedAsync(TestContext.Current.CancellationToken);
        await Coordinator.DisposeAsync();
        Coordinator = StartCoordinator();
    }

    /// <summary>Waits for the end of the run, which must be a good one.</summary>
    public async Task EndAsync()
    {
        Ended ended = await Coordinator.EndAsync();
        Assert.True(ended.Code == 0, ended.Error + ended.Out);
        foreach ((string name, ColonyProcess worker) in _workers)
        {
            Ended left = await worker.EndAsync();
            Assert.True(left.Code == 0, $"{name}: {left.Code} {left.Error}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Coordinator.DisposeAsync();
        foreach (ColonyProcess worker in _workers.Values.Concat(_gone))
        {
            await worker.DisposeAsync();
        }
    }

    private ColonyProcess StartCoordinator() => ColonyProcess.Start(
        ["coordinator", .. _job, "--out", Run.Folder, "--port", _port, "--resume", "--no-evaluator"]);

    // Taken and given back: the range that the system chooses from makes it unlikely that it is taken again at once.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
