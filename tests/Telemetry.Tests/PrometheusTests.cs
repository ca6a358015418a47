using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Colony.Testing;

namespace Colony.Telemetry.Tests;

/// <summary>A real Prometheus scrapes the page, and its own query API says what it understood.</summary>
public sealed class PrometheusTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_real_server_scrapes_the_page_and_answers_from_it()
    {
        var program = Tools.Find("prometheus", "install prometheus.");
        using var meter = new Meter("Colony.Scraped");
        using var exposition = new PrometheusExposition(m => m == meter, maxSeries: 20);
        var steps = meter.CreateCounter<long>("colony_steps_committed_total", description: "Steps.");
        var duration = meter.CreateHistogram<double>("colony_step_duration_seconds", description: "Steps.");
        steps.Add(41, new KeyValuePair<string, object?>("worker", "a \"quoted\" \\ name"));
        steps.Add(1, new KeyValuePair<string, object?>("worker", "b"));
        foreach (var seconds in new[] { .02, .02, .3, 100 })
        {
            duration.Record(seconds);
        }

        using var folder = new TemporaryFolder();
        await using var page = new Page(exposition.Render);
        await File.WriteAllTextAsync(
            folder["prometheus.yml"],
            $$"""
            global: { scrape_interval: 200ms, scrape_timeout: 200ms }
            scrape_configs:
              - job_name: colony
                static_configs: [ { targets: ["{{page.Address}}"] } ]
            """,
            Ct);
        await using var server = ServerProcess.Start(
            program,
            [
                $"--config.file={folder["prometheus.yml"]}", $"--storage.tsdb.path={folder["data"]}",
                "--web.listen-address=127.0.0.1:0",
            ]);
        var listening = await server.LineAsync(@"Listening on"" address=(\S+:\d+)", Limit, Ct);
        var address = listening.Groups[1].Value;
        await server.LineAsync("Server is ready", Limit, Ct);

        // Scrapes of a target follow one another: when the third is asked for, the first is stored.
        await page.ThirdScrape.WaitAsync(Limit, Ct);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{address}") };
        Assert.Equal(1, await Query(client, "up"));
        Assert.Equal(42, await Query(client, "sum(colony_steps_committed_total)"));
        Assert.Equal(41, await Query(client, """colony_steps_committed_total{worker="a \"quoted\" \\ name"}"""));
        Assert.Equal(4, await Query(client, "colony_step_duration_seconds_count"));
        Assert.Equal(2, await Query(client, """colony_step_duration_seconds_bucket{le="0.025"}"""));
        Assert.Equal(3, await Query(client, """colony_step_duration_seconds_bucket{le="30"}"""));
        Assert.Equal(100.34, await Query(client, "colony_step_duration_seconds_sum"), 9);
        Assert.Equal(0.025, await Query(client, "histogram_quantile(0.5, colony_step_duration_seconds_bucket)"), 9);
        Assert.Equal(2, await Query(client, """count({__name__="colony_steps_committed_total"})"""));

        // What changes is scraped again.
        steps.Add(8, new KeyValuePair<string, object?>("worker", "b"));
        await page.AfterNextScrapes(3).WaitAsync(Limit, Ct);
        Assert.Equal(50, await Query(client, "sum(colony_steps_committed_total)"));
    }

    private static async Task<double> Query(HttpClient client, string query)
    {
        var text = await client.GetStringAsync(
            new Uri("/api/v1/query?query=" + Uri.EscapeDataString(query), UriKind.Relative), Ct);
        using var json = JsonDocument.Parse(text);
        var result = json.RootElement.GetProperty("data").GetProperty("result");
        Assert.True(result.GetArrayLength() == 1, $"{query}: {text}");
        return double.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
    }

    /// <summary>The smallest web server that Prometheus takes for one.</summary>
    private sealed class Page : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Func<string> _render;
        private readonly Lock _lock = new();
        private readonly List<(int At, TaskCompletionSource Reached)> _waits = [];
        private readonly Task _loop;
        private int _scrapes;

        public Page(Func<string> render)
        {
            _render = render;
            _listener.Start();
            Address = _listener.LocalEndpoint.ToString()!;
            ThirdScrape = AfterNextScrapes(3);
            _loop = Task.Run(() => LoopAsync(_stop.Token), CancellationToken.None);
        }

        public string Address { get; }

        public Task ThirdScrape { get; }

        public Task AfterNextScrapes(int count)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                _waits.Add((_scrapes + count, reached));
            }

            return reached.Task;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            await _loop;
            _stop.Dispose();
        }

        private async Task LoopAsync(CancellationToken ct)
        {
            while (!ct.IsCancellationRequested)
            {
                try
                {
                    using var client = await _listener.AcceptTcpClientAsync(ct);
                    await AnswerAsync(client.GetStream(), ct);
                }
                catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
                {
                    // Prometheus hung up, or the test is over.
                }
            }
        }

        private async Task AnswerAsync(Stream stream, CancellationToken ct)
        {
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            while (await reader.ReadLineAsync(ct) is { Length: > 0 })
            {
                // The request's head; a scrape has no body.
            }

            lock (_lock)
            {
                _scrapes++;
                foreach (var (_, reached) in _waits.Where(wait => wait.At <= _scrapes))
                {
                    reached.TrySetResult();
                }
            }

            var body = Encoding.UTF8.GetBytes(_render());
            var head = $"HTTP/1.1 200 OK\r\nContent-Type: {PrometheusExposition.ContentType}\r\n"
                + $"Content-Length: {body.Length}\r\nConnection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), ct);
            await stream.WriteAsync(body, ct);
        }
    }
}
