using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Colony.Rpc.Tests;

/// <summary>Peers that speak HTTP/2 but break the rules of gRPC.</summary>
public sealed class HostilePeerTests
{
    public static TheoryData<string, StatusCode> Answers => new()
    {
        { "http 503", StatusCode.Unavailable },
        { "http 404", StatusCode.Unimplemented },
        { "http 401", StatusCode.Unauthenticated },
        { "http 418", StatusCode.Unknown },
        { "html", StatusCode.Unknown },
        { "no status", StatusCode.Unknown },
        { "status 99", StatusCode.Unknown },
        { "status words", StatusCode.Unknown },
        { "truncated", StatusCode.Internal },
        { "compressed", StatusCode.Unimplemented },
        { "flag", StatusCode.Internal },
        { "huge", StatusCode.ResourceExhausted },
        { "two", StatusCode.Internal },
        { "none", StatusCode.Internal },
        { "abort", StatusCode.Internal },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_client_turns_a_broken_answer_into_a_status(string answer, StatusCode expected)
    {
        await using var host = await KestrelHost.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), _ => { }, listen => listen.Protocols = HttpProtocols.Http2,
            http => AnswerAsync(http, answer), null, Echo.Token);
        await using var channel = new RpcChannel(host.Address);

        var failure = await Assert.ThrowsAsync<RpcException>(() =>
            channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, Echo.Token).InTime());

        Assert.Equal(expected, failure.Code);
    }

    [Theory]
    [InlineData("", "Internal")]
    [InlineData("00", "Internal")]
    [InlineData("0000000002aa", "Internal")]
    [InlineData("0000000001aa00", "Unimplemented")]
    [InlineData("0100000001aa", "Unimplemented")]
    [InlineData("0700000001aa", "Internal")]
    [InlineData("00ffffffff", "ResourceExhausted")]
    [InlineData("0000000001aa", "OK")]
    public async Task A_server_answers_broken_bytes_with_a_status(string hex, string expected)
    {
        await using var pair = await Pair.StartAsync();
        using var response = await PostAsync(pair.Server.Address, Echo.Unary.Path, Convert.FromHexString(hex));
        await response.Content.ReadAsByteArrayAsync(Echo.Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var status = ResponseHead.Status(response.TrailingHeaders) ?? ResponseHead.Status(response.Headers);
        Assert.Equal(expected, status?.Code.ToString());
    }

    [Fact]
    public async Task A_server_answers_random_bytes_with_a_status()
    {
        await using var pair = await Pair.StartAsync();
        for (var round = 0; round < 100; round++)
        {
            using var response = await PostAsync(pair.Server.Address, Echo.Duplex.Path, Echo.Pattern(round * 3, round));
            await response.Content.ReadAsByteArrayAsync(Echo.Token);
            Assert.NotNull(ResponseHead.Status(response.TrailingHeaders) ?? ResponseHead.Status(response.Headers));
        }
    }

    [Fact]
    public async Task A_server_refuses_what_is_not_grpc_in_http()
    {
        await using var pair = await Pair.StartAsync();

        using var json = await PostAsync(pair.Server.Address, Echo.Unary.Path, [], "application/json");
        using var get = await SendAsync(new HttpRequestMessage(HttpMethod.Get, pair.Server.Address));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Fact]
    public async Task A_server_refuses_a_malformed_timeout()
    {
        await using var pair = await Pair.StartAsync();

        using var response = await PostAsync(pair.Server.Address, Echo.Unary.Path, [0, 0, 0, 0, 0], timeout: "soon");

        Assert.Equal(StatusCode.Internal, ResponseHead.Status(response.Headers)?.Code);
    }

    private static async Task AnswerAsync(HttpContext http, string answer)
    {
        var response = http.Response;
        if (answer.StartsWith("http ", StringComparison.Ordinal))
        {
            response.StatusCode = int.Parse(answer.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture);
            return;
        }

        response.ContentType = answer == "html" ? "text/html" : "application/grpc";
        byte[] body = answer switch
        {
            "truncated" => [0, 0, 0, 0, 9, 1],
            "compressed" => [1, 0, 0, 0, 1, 1],
            "flag" => [9, 0, 0, 0, 1, 1],
            "huge" => [0, 0x7F, 0, 0, 0],
            "two" => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            "none" => [],
            _ => [0, 0, 0, 0, 0],
        };
        await response.Body.WriteAsync(body, http.RequestAborted);
        await response.Body.FlushAsync(http.RequestAborted);
        switch (answer)
        {
            case "abort":
                http.Abort();
                break;
            case "no status":
                break;
            case "status 99":
                response.AppendTrailer("grpc-status", "99");
                break;
            case "status words":
                response.AppendTrailer("grpc-status", "fine");
                break;
            default:
                response.AppendTrailer("grpc-status", "0");
                break;
        }
    }

    private static Task<HttpResponseMessage> PostAsync(
        Uri server, string path, byte[] body, string type = "application/grpc", string? timeout = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, path))
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", type);
        if (timeout is not null)
        {
            request.Headers.TryAddWithoutValidation("grpc-timeout", timeout);
        }

        return SendAsync(request);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        return await client.SendAsync(request, Echo.Token).InTime();
    }
}
