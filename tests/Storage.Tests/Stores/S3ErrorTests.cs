using System.Globalization;
using System.IO.Pipes;
using System.Net;
using System.Text;
using Amazon.S3.Model;
using Colony.Testing;

namespace Colony.Storage.Tests;

/// <summary>Answers that s3rver never gives, from a server that gives nothing else.</summary>
public sealed class S3ErrorTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(403, "AccessDenied", "access denied; the key needs s3:GetObject")]
    [InlineData(403, "SignatureDoesNotMatch", "check AWS_SECRET_ACCESS_KEY")]
    [InlineData(403, "InvalidAccessKeyId", "check AWS_ACCESS_KEY_ID")]
    [InlineData(400, "ExpiredToken", "renew AWS_SESSION_TOKEN")]
    [InlineData(404, "NoSuchBucket", "create it, or correct the name")]
    [InlineData(409, "Odd", "answered 409 Odd")]
    public async Task A_refusal_is_told_in_one_line_and_not_tried_again(int status, string code, string says)
    {
        await using var server = new CannedServer(status, code);
        using var store = Open(server);
        var e = await Assert.ThrowsAsync<StorageException>(() => store.PutAsync("x", new byte[3], Ct));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.Contains("'x' in s3://bucket/p", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.Equal(1, server.Requests);
        Assert.False(e.MayPass);
    }

    [Fact]
    public async Task A_server_in_trouble_is_asked_a_bounded_number_of_times()
    {
        await using var server = new CannedServer(503, "SlowDown");
        using var store = Open(server);
        var e = await Assert.ThrowsAsync<StorageException>(() => store.OpenReadAsync("x", Ct));
        Assert.Contains("answered 503 SlowDown", e.Message, StringComparison.Ordinal);
        Assert.Equal(1 + S3Store.MaxRetries, server.Requests);
        Assert.True(e.MayPass);
    }

    [Fact]
    public async Task A_body_that_ends_early_is_not_taken_for_the_end()
    {
        await using var server = new CannedServer(200, "", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        using var store = Open(server);
        var e = await Assert.ThrowsAsync<StorageException>(() => store.ReadAllAsync("x", 1000, Ct));
        Assert.Contains("'x' in s3://bucket/p", e.Message, StringComparison.Ordinal);
        Assert.True(e.MayPass);
    }

    [Fact]
    public async Task A_server_that_falls_silent_amid_a_body_is_given_up()
    {
        var clock = new ManualClock();
        using var silent = new AnonymousPipeServerStream(PipeDirection.Out);
        using var response = new GetObjectResponse
        {
            ContentLength = 100,
            ResponseStream = new AnonymousPipeClientStream(PipeDirection.In, silent.GetClientHandleAsString()),
        };
        await using var body = new S3ReadStream(
            response, e => new StorageException(e.Message, e), TimeSpan.FromSeconds(100), clock);
        await silent.WriteAsync(new byte[4], Ct);
        Assert.Equal(4, await body.ReadAsync(new byte[100], Ct));
        var reading = body.ReadAsync(new byte[100], Ct).AsTask();
        clock.Advance(TimeSpan.FromSeconds(99));
        Assert.False(reading.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        var e = await Assert.ThrowsAsync<StorageException>(() => reading);
        Assert.Contains("said nothing for 100 s after 4 of 100 bytes", e.Message, StringComparison.Ordinal);
    }

    private static S3Store Open(CannedServer server) => new("bucket", "p", new ObjectStoreOptions
    {
        S3Endpoint = server.Address,
        S3AccessKey = "id",
        S3SecretKey = "secret",
    });

    /// <summary>Gives every request the same answer and closes.</summary>
    private sealed class CannedServer : IAsyncDisposable
    {
        private readonly System.Net.Sockets.TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly byte[] _answer;
        private readonly Task _loop;
        private int _requests;

        public CannedServer(int status, string code, string? answer = null)
        {
            var body = $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>";
            _answer = Encoding.ASCII.GetBytes(answer
                ?? $"HTTP/1.1 {status} No\r\nContent-Type: application/xml\r\nContent-Length: {body.Length}\r\n"
                + $"Connection: close\r\n\r\n{body}");
            _listener.Start();
            Address = new Uri("http://" + _listener.LocalEndpoint);
            _loop = Task.Run(() => LoopAsync(_stop.Token), CancellationToken.None);
        }

        public Uri Address { get; }

        public int Requests => Volatile.Read(ref _requests);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            await _loop;
            _stop.Dispose();
        }

        private async Task LoopAsync(CancellationToken ct)
        {
            // Clients open connections ahead of need, so each is served by itself.
            var served = new List<Task>();
            try
            {
                while (true)
                {
                    served.Add(ServeAsync(await _listener.AcceptTcpClientAsync(ct), ct));
                }
            }
            catch (Exception e) when (e is OperationCanceledException or System.Net.Sockets.SocketException)
            {
                await Task.WhenAll(served);
            }
        }

        private async Task ServeAsync(System.Net.Sockets.TcpClient client, CancellationToken ct)
        {
            using (client)
            {
                try
                {
                    await AnswerAsync(client.GetStream(), ct);
                }
                catch (Exception e) when (e is OperationCanceledException or IOException)
                {
                    // The client went away, or the test is over.
                }
            }
        }

        private async Task AnswerAsync(Stream stream, CancellationToken ct)
        {
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            var (length, asked) = (0, false);
            while (await reader.ReadLineAsync(ct) is { Length: > 0 } line)
            {
                asked = true;
                if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                {
                    length = int.Parse(line["Content-Length:".Length..], CultureInfo.InvariantCulture);
                }

                if (line.StartsWith("Expect:", StringComparison.OrdinalIgnoreCase))
                {
                    await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), ct);
                }
            }

            if (!asked)
            {
                return; // closed without a request
            }

            if (length > 0)
            {
                await reader.ReadBlockAsync(new char[length], ct); // of no length it would wait for the next request
            }

            Interlocked.Increment(ref _requests);
            await stream.WriteAsync(_answer, ct);
        }
    }
}
