using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Colony.Integration.Tests;

/// <summary>The roles started one by one, as Kubernetes does it.</summary>
public sealed class RolesTests(SmallWorld world)
{
    [Fact]
    public async Task Roles_started_apart_reach_the_same_weights_although_one_worker_leaves()
    {
        string reference = new RunFiles(await world.ReferenceAsync()).Sha;
        var run = new RunFiles(world.Fresh());
        string port = FreePort().ToString(CultureInfo.InvariantCulture);
        string address = $"127.0.0.1:{port}";
        await using ColonyProcess coordinator = ColonyProcess.Start(
            ["coordinator", world.Job, "--out", run.Folder, "--port", port]);
        await using ColonyProcess evaluator = ColonyProcess.Start(["evaluator", world.Job, "--coordinator", address]);
        await using ColonyProcess stays = ColonyProcess.Start(
            ["worker", world.Job, "--coordinator", address, "--name", "stays"]);
        await using ColonyProcess leaves = ColonyProcess.Start(
            ["worker", world.Job, "--coordinator", address, "--name", "leaves"]);
        await run.StepAsync(8, coordinator);

        Signals.Send(leaves.Id, Signals.Terminate);
        Ended left = await leaves.EndAsync();
        Ended ended = await coordinator.EndAsync();
        Ended stayed = await stays.EndAsync();
        Ended judged = await evaluator.EndAsync();

        Assert.True(left.Code == 0, left.Error);
        Assert.True(ended.Code == 0, ended.Error + ended.Out);
        Assert.True(stayed.Code == 0, stayed.Error);
        Assert.True(judged.Code == 0, judged.Error);
        Assert.Equal(reference, run.Sha);
        Assert.Contains(
            run.Report().GetProperty("recoveries").EnumerateArray(),
            r => string.Equals(r.GetProperty("cause").GetString(), "leave", StringComparison.Ordinal));
    }

    /// <summary>One that was left over from another run would have its say about this one's best.</summary>
    [Fact]
    public async Task An_evaluator_of_another_job_is_refused()
    {
        var run = new RunFiles(world.Fresh());
        string port = FreePort().ToString(CultureInfo.InvariantCulture);
        await using ColonyProcess coordinator = ColonyProcess.Start(
            ["coordinator", world.Job, "--out", run.Folder, "--port", port]);
        await using ColonyProcess evaluator = ColonyProcess.Start(
            ["evaluator", world.Job, "--set", "seed=99", "--coordinator", $"127.0.0.1:{port}"]);
        JsonElement refused = await run.EventAsync("evaluator_refused", null, coordinator);
        Assert.Contains(
            "start it with the run's job.yaml", refused.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    // Taken and given back: the range that the system chooses from makes it unlikely that it is taken again at once.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
