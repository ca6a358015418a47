using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Colony.Testing;

namespace Colony.Integration.Tests;

/// <summary>Debian's Prometheus on a configuration, asked over its HTTP API.</summary>
internal sealed class Scraper : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _data;
    private readonly ServerProcess _process;
    private readonly HttpClient _client;

    private Scraper(TemporaryFolder data, ServerProcess process, HttpClient client) =>
        (_data, _process, _client) = (data, process, client);

    public static async Task<Scraper> StartAsync(string program, string configuration)
    {
        var data = new TemporaryFolder();
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        var address = new Uri(FormattableString.Invariant($"http://127.0.0.1:{port}/"));
        ServerProcess process = ServerProcess.Start(
            program,
            [
                $"--config.file={configuration}", $"--storage.tsdb.path={data.Path}",
                $"--web.listen-address={address.Authority}",
            ]);
        await process.LineAsync(
            "Server is ready to receive web requests", StartLimit, TestContext.Current.CancellationToken);
        return new Scraper(data, process, new HttpClient { BaseAddress = address });
    }

    /// <summary>Values of an instant query; fails on a query that Prometheus does not understand.</summary>
    public async Task<IReadOnlyList<string>> QueryAsync(string expression)
    {
        using HttpResponseMessage response = await _client.GetAsync(
            new Uri("api/v1/query?query=" + Uri.EscapeDataString(expression), UriKind.Relative),
            TestContext.Current.CancellationToken);
        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{expression}: {body}");
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement result = document.RootElement.GetProperty("data").GetProperty("result");
        return [.. result.EnumerateArray().Select(r => r.GetProperty("value")[1].GetString()!)];
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
        _data.Dispose();
    }
}
