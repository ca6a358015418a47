using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Colony.Integration.Tests;

/// <summary>
/// A coordinator and workers as processes of their own, which come, go and die as a test says. All are killed with it.
/// </summary>
internal sealed class Crew : IAsyncDisposable
{
    private const string CoordinatorHost = "coordinator";

    private readonly string[] _job;
    private readonly Network? _network;
    private readonly string _port = FreePort().ToString(CultureInfo.InvariantCulture);
    private readonly Dictionary<string, ColonyProcess> _workers = new(StringComparer.Ordinal);
    private readonly List<ColonyProcess> _gone = [];
    private readonly ColonyProcess? _evaluator;

    /// <param name="job">The job's path and what overrides it.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="environment">Of the first coordinator.</param>
    /// <param name="judged">With an evaluator.</param>
    public Crew(
        IEnumerable<string> job,
        string folder,
        IReadOnlyDictionary<string, string>? environment = null,
        bool judged = false)
        : this(job, folder, environment, judged, null)
    {
    }

    private Crew(
        IEnumerable<string> job,
        string folder,
        IReadOnlyDictionary<string, string>? environment,
        bool judged,
        Network? network)
    {
        _job = [.. job];
        _network = network;
        Run = new RunFiles(folder);
        _evaluator = judged
            ? ColonyProcess.Start(["evaluator", .. _job, "--coordinator", $"{AddressOf(CoordinatorHost)}:{_port}"])
            : null;
        Coordinator = StartCoordinator(environment);
    }

    public RunFiles Run { get; }

    public ColonyProcess Coordinator { get; private set; }

    public IEnumerable<string> Workers => _workers.Keys;

    /// <summary>
    /// A crew on a network: the coordinator on a host of its own, and each worker on one of its name.
    /// </summary>
    public static async Task<Crew> OnAsync(
        Network network, IEnumerable<string> job, string folder, params string[] workers)
    {
        foreach (string host in workers.Prepend(CoordinatorHost))
        {
            await network.AddAsync(host);
        }

        return new Crew(job, folder, null, judged: false, network);
    }

    /// <summary>Starts a worker, or one more of a name whose last one has died.</summary>
    public void Add(string name, IReadOnlyDictionary<string, string>? environment = null) =>
        _workers.Add(
            name,
            ColonyProcess.Start(
                [
                    "worker", .. _job, "--coordinator", $"{AddressOf(CoordinatorHost)}:{_port}", "--name", name,
                    .. Listening(name),
                ],
                environment,
                _network?.On(name)));

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
        Coordinator = StartCoordinator(null);
    }

    /// <summary>Waits for the coordinator's own end and starts another one on the same journal and port.</summary>
    public async Task<Ended> SucceedCoordinatorAsync(IReadOnlyDictionary<string, string>? environment = null)
    {
        Ended ended = await Coordinator.EndAsync();
        await Coordinator.DisposeAsync();
        Coordinator = StartCoordinator(environment);
        return ended;
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

        if (_evaluator is not null)
        {
            Ended judged = await _evaluator.EndAsync();
            Assert.True(judged.Code == 0, judged.Error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Coordinator.DisposeAsync();
        await (_evaluator?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (ColonyProcess worker in _workers.Values.Concat(_gone))
        {
            await worker.DisposeAsync();
        }
    }

    private ColonyProcess StartCoordinator(IReadOnlyDictionary<string, string>? environment) => ColonyProcess.Start(
        [
            "coordinator", .. _job, "--out", Run.Folder, "--port", _port, "--resume",
            .. _evaluator is null ? ["--no-evaluator"] : Array.Empty<string>(), .. Listening(CoordinatorHost),
        ],
        environment,
        _network?.On(CoordinatorHost));

    private string AddressOf(string host) => _network?.AddressOf(host) ?? "127.0.0.1";

    private string[] Listening(string host) =>
        _network is null ? [] : ["--host", _network.AddressOf(host), "--allow-insecure"];

    // Taken and given back: the range that the system chooses from makes it unlikely that it is taken again at once.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
