using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Colony.Testing;

namespace Colony.Integration.Tests;

/// <summary>
/// A switch in a network namespace of its own and hosts in theirs, joined to it by a cable each (veth): cables are
/// pulled, put back and throttled, and packets from one host to another are dropped on the way. The machine's own
/// network is not touched. Needs root and iproute2; where namespaces cannot be made, the running test is skipped.
/// </summary>
internal sealed partial class Network : IAsyncDisposable
{
    private const string Prefix = "colony-net";
    private const string NamespaceFolder = "/run/netns";

    // What a cable's queue holds when it is throttled: long enough that a full one is no loss but a delay.
    private static readonly TimeSpan Queue = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(30);
    private static int opened;

    private readonly string _name = string.Create(
        CultureInfo.InvariantCulture, $"{Prefix}-{Environment.ProcessId}-{Interlocked.Increment(ref opened)}");

    private readonly List<string> _hosts = [];

    private Network()
    {
    }

    private string Switch => $"{_name}-switch";

    /// <summary>A network without hosts; skips the running test where there can be none.</summary>
    public static async Task<Network> OpenAsync()
    {
        const string Cure = "install iproute2 to run the tests in network namespaces";
        Tools.Find("ip", Cure);
        Tools.Find("tc", Cure);
        Assert.SkipUnless(
            Environment.IsPrivilegedProcess, "Network namespaces are root's to make, and this is another user.");
        await RemoveOrphansAsync();
        var network = new Network();
        string? refusal = await TryAsync("ip", "netns", "add", network.Switch);
        Assert.SkipWhen(refusal is not null, $"Network namespaces cannot be made here: {refusal}");
        try
        {
            await network.OnSwitchAsync("link", "add", "bridge", "type", "bridge");
            await network.OnSwitchAsync("link", "set", "dev", "bridge", "up");

            // Where dropped packets go: a cable whose other end is down.
            await network.OnSwitchAsync("link", "add", "drain", "type", "veth", "peer", "name", "drain-end");
            await network.OnSwitchAsync("link", "set", "dev", "drain", "up");
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Joins one more host.</summary>
    public async Task AddAsync(string host)
    {
        _hosts.Add(host);
        string space = Space(host);
        await MustAsync("ip", "netns", "add", space);
        await OnSwitchAsync("link", "add", Port(host), "type", "veth", "peer", "name", "eth0", "netns", space);
        await OnSwitchAsync("link", "set", "dev", Port(host), "master", "bridge", "up");
        await MustAsync("ip", "-n", space, "addr", "add", $"{AddressOf(host)}/24", "dev", "eth0");
        await MustAsync("ip", "-n", space, "link", "set", "dev", "lo", "up");
        await MustAsync("ip", "-n", space, "link", "set", "dev", "eth0", "up");
    }

    /// <summary>The host's IP address.</summary>
    public string AddressOf(string host) => string.Create(
        CultureInfo.InvariantCulture, $"10.99.0.{_hosts.IndexOf(host) + 1}");

    /// <summary>What a command begins with that runs on the host.</summary>
    public IReadOnlyList<string> On(string host) => ["ip", "netns", "exec", Space(host)];

    /// <summary>Pulls the host's cable: nothing passes and nobody is told.</summary>
    public Task CutAsync(string host) => OnSwitchAsync("link", "set", "dev", Port(host), "down");

    /// <summary>Puts the cable back.</summary>
    public Task RestoreAsync(string host) => OnSwitchAsync("link", "set", "dev", Port(host), "up");

    /// <summary>Throttles the host's cable in both directions.</summary>
    public async Task ThrottleAsync(string host, double megabits)
    {
        string rate = string.Create(CultureInfo.InvariantCulture, $"{megabits * 1000:0}kbit");

        // A burst of two milliseconds, and never less than a packet.
        string burst = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(3200, megabits * 250):0}");
        string queue = string.Create(CultureInfo.InvariantCulture, $"{Queue.TotalMilliseconds:0}ms");
        string[] shape = ["root", "tbf", "rate", rate, "burst", burst, "latency", queue];
        await MustAsync("tc", ["-n", Switch, "qdisc", "replace", "dev", Port(host), .. shape]);
        await MustAsync("tc", ["-n", Space(host), "qdisc", "replace", "dev", "eth0", .. shape]);
    }

    /// <summary>Takes the throttle off.</summary>
    public async Task UnthrottleAsync(string host)
    {
        await MustAsync("tc", "-n", Switch, "qdisc", "del", "dev", Port(host), "root");
        await MustAsync("tc", "-n", Space(host), "qdisc", "del", "dev", "eth0", "root");
    }

    /// <summary>Drops every packet from one host to another, and none of the other way.</summary>
    public async Task DropAsync(string from, string to)
    {
        await MustAsync("tc", "-n", Switch, "qdisc", "replace", "dev", Port(from), "clsact");
        await MustAsync(
            "tc", "-n", Switch, "filter", "add", "dev", Port(from), "ingress", "protocol", "ip", "u32",
            "match", "ip", "dst", $"{AddressOf(to)}/32", "action", "mirred", "egress", "redirect", "dev", "drain");
    }

    /// <summary>Lets all packets from a host pass again.</summary>
    public Task PassAsync(string from) =>
        MustAsync("tc", "-n", Switch, "qdisc", "del", "dev", Port(from), "clsact");

    public async ValueTask DisposeAsync()
    {
        // A namespace takes its end of each cable with it, and so the other.
        foreach (string space in _hosts.Select(Space).Append(Switch))
        {
            await TryAsync("ip", "netns", "del", space);
        }
    }

    // A device's name has fifteen characters at most.
    private string Port(string host) => string.Create(CultureInfo.InvariantCulture, $"port-{_hosts.IndexOf(host)}");

    private string Space(string host) => $"{_name}-{host}";

    private Task OnSwitchAsync(params string[] arguments) => MustAsync("ip", ["-n", Switch, .. arguments]);

    // Those of test runs that were killed, and what still runs in them.
    private static async Task RemoveOrphansAsync()
    {
        if (!Directory.Exists(NamespaceFolder))
        {
            return;
        }

        foreach (string space in Directory.EnumerateFiles(NamespaceFolder).Select(f => Path.GetFileName(f)))
        {
            Match owner = Owner().Match(space);
            if (owner.Success && !Directory.Exists($"/proc/{owner.Groups[1].Value}"))
            {
                foreach (string process in await PrintedAsync("ip", "netns", "pids", space))
                {
                    End(int.Parse(process, CultureInfo.InvariantCulture));
                }

                await TryAsync("ip", "netns", "del", space);
            }
        }
    }

    private static void End(int process)
    {
        try
        {
            using var orphan = Process.GetProcessById(process);
            orphan.Kill();
        }
        catch (ArgumentException)
        {
            // Ended by itself in the meantime.
            return;
        }
    }

    private static async Task MustAsync(string program, params string[] arguments)
    {
        string? refusal = await TryAsync(program, arguments);
        Assert.True(refusal is null, $"{program} {string.Join(' ', arguments)}: {refusal}");
    }

    // Null when it went well, else what it said.
    private static async Task<string?> TryAsync(string program, params string[] arguments)
    {
        (int code, _, string error) = await RunAsync(program, arguments);
        return code == 0 ? null : error.Trim();
    }

    private static async Task<string[]> PrintedAsync(string program, params string[] arguments) =>
        (await RunAsync(program, arguments)).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task<(int Code, string Out, string Error)> RunAsync(string program, string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardError = true, RedirectStandardOutput = true,
            },
        };
        process.Start();
        using var bounded = new CancellationTokenSource(CommandLimit);
        Task<string> said = process.StandardOutput.ReadToEndAsync(bounded.Token);
        string complained = await process.StandardError.ReadToEndAsync(bounded.Token);
        await process.WaitForExitAsync(bounded.Token);
        return (process.ExitCode, await said, complained);
    }

    [GeneratedRegex($"^{Prefix}-([0-9]+)-", RegexOptions.None, 1000)]
    private static partial Regex Owner();
}
