using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Colony.Rpc.Tests;

public sealed class ServerTests
{
    [Fact]
    public async Task An_address_in_use_is_told_in_one_line_with_its_cure()
    {
        await using var pair = await Pair.StartAsync();
        await using var second = new RpcServer(new RpcServerOptions { Port = pair.Server.Port });

        var failure = await Assert.ThrowsAsync<AddressInUseException>(() => second.StartAsync(Echo.Token));

        Assert.Contains($"127.0.0.1:{pair.Server.Port}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("port", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("*")]
    public async Task An_open_address_needs_protection_or_explicit_leave(string host)
    {
        await using (var refused = new RpcServer(new RpcServerOptions { Host = host, Token = "token" }))
        {
            var failure = await Assert.ThrowsAsync<ListenException>(() => refused.StartAsync(Echo.Token));
            Assert.Contains(nameof(RpcServerOptions.AllowInsecure), failure.Message, StringComparison.Ordinal);
            Assert.Contains(nameof(RpcServerOptions.Certificate), failure.Message, StringComparison.Ordinal);
        }

        await using var pages = new HttpTextServer(host, 0);
        await Assert.ThrowsAsync<ListenException>(() => pages.StartAsync(Echo.Token));
    }

    [Fact]
    public async Task An_open_address_with_leave_serves()
    {
        await using var server = new RpcServer(
            new RpcServerOptions { Host = "0.0.0.0", AllowInsecure = true }).AddEcho();
        await server.StartAsync(Echo.Token);
        await using var channel = new RpcChannel($"127.0.0.1:{server.Port}");

        Assert.Equal(
            2, (await channel.UnaryAsync(Echo.Unary, new byte[2], CallOptions.Default, Echo.Token).InTime()).Length);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_told_in_one_line()
    {
        await using var server = new RpcServer(new RpcServerOptions { Host = "192.0.2.1", AllowInsecure = true });

        var failure = await Assert.ThrowsAsync<ListenException>(() => server.StartAsync(Echo.Token));

        Assert.Contains("192.0.2.1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Methods_are_added_once_with_their_kind_and_before_the_start()
    {
        await using var server = new RpcServer(new RpcServerOptions()).AddEcho();

        Assert.Throws<ArgumentException>(() => server.AddEcho());
        Assert.Throws<ArgumentException>(
            () => server.AddUnary(Echo.Server, (request, _, _) => Task.FromResult(request)));
        await server.StartAsync(Echo.Token);
        Assert.Throws<InvalidOperationException>(() => server.AddHealth(new HealthService()));
    }

    [Fact]
    public async Task Health_is_asked_and_watched()
    {
        var health = new HealthService();
        await using var pair = await Pair.StartAsync(server => server.AddHealth(health));
        health.Set("colony.v1.Collective", ServingStatus.NotServing);

        Task<ServingStatus> CheckAsync(string service) =>
            pair.Channel.UnaryAsync(HealthMethods.Check, service, CallOptions.Default, Echo.Token).InTime();

        Assert.Equal(ServingStatus.Serving, await CheckAsync(""));
        Assert.Equal(ServingStatus.NotServing, await CheckAsync("colony.v1.Collective"));
        var unknown = await Assert.ThrowsAsync<RpcException>(() => CheckAsync("other"));
        Assert.Equal(StatusCode.NotFound, unknown.Code);

        await using var watch = pair.Channel.ServerStreaming(
            HealthMethods.Watch, "other", CallOptions.Default, Echo.Token);
        Assert.True(await watch.MoveNextAsync(Echo.Token).AsTask().InTime());
        Assert.Equal(ServingStatus.ServiceUnknown, watch.Current);
        health.Set("other", ServingStatus.Serving);
        Assert.True(await watch.MoveNextAsync(Echo.Token).AsTask().InTime());
        Assert.Equal(ServingStatus.Serving, watch.Current);
    }

    [Fact]
    public async Task Text_pages_answer_over_plain_http()
    {
        await using var server = new HttpTextServer("127.0.0.1", 0)
            .MapText("/metrics", _ => new(("text/plain; version=0.0.4", "up 1\n")))
            .Map("/ask", (request, _) => new(new HttpTextResponse("text/html", request.Query["q"], 202)))
            .Map("/broken", (_, _) => throw new InvalidOperationException("secret"));
        await server.StartAsync(Echo.Token);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Address };

        async Task<(HttpStatusCode, string)> GetAsync(string path)
        {
            using var response = await client.GetAsync(path, Echo.Token).InTime();
            return (response.StatusCode, await response.Content.ReadAsStringAsync(Echo.Token));
        }

        Assert.Equal((HttpStatusCode.OK, "up 1\n"), await GetAsync("/metrics"));
        Assert.Equal((HttpStatusCode.Accepted, "größe"), await GetAsync("/ask?q=gr%C3%B6%C3%9Fe"));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/other")).Item1);
        var (status, text) = await GetAsync("/broken");
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        using var post = await client.PostAsync("/metrics", null, Echo.Token).InTime();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        await using var second = new HttpTextServer("127.0.0.1", server.Address.Port);
        await Assert.ThrowsAsync<AddressInUseException>(() => second.StartAsync(Echo.Token));
    }

    [Fact]
    public async Task Tls_is_trusted_by_its_authority_alone()
    {
        using var certificate = SelfSigned();
        var options = new RpcServerOptions { Certificate = certificate };
        var trusting = new RpcChannelOptions { ServerAuthorities = [certificate] };
        await using (var pair = await Pair.StartAsync(options: options, channel: trusting))
        {
            Assert.Equal("https", pair.Server.Address.Scheme);
            var sent = Echo.Pattern(100_000);
            var got = await pair.Channel.UnaryAsync(Echo.Unary, sent, CallOptions.Default, Echo.Token).InTime();
            Assert.Equal(sent, got.ToArray());
        }

        using var other = SelfSigned();
        await using var distrusting = await Pair.StartAsync(
            options: options, channel: new RpcChannelOptions { ServerAuthorities = [other] });
        var failure = await Assert.ThrowsAsync<RpcException>(() =>
            distrusting.Channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, Echo.Token).InTime());
        Assert.Equal(StatusCode.Unavailable, failure.Code);
    }

    [Fact]
    public async Task Mutual_tls_lets_in_only_whom_the_authority_signed()
    {
        using var server = SelfSigned();
        using var client = SelfSigned();
        var options = new RpcServerOptions { Certificate = server, ClientAuthorities = [client] };
        await using (var pair = await Pair.StartAsync(
            options: options,
            channel: new RpcChannelOptions { ServerAuthorities = [server], ClientCertificate = client }))
        {
            await pair.Channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, Echo.Token).InTime();
        }

        foreach (var wrong in new[] { null, server })
        {
            await using var pair = await Pair.StartAsync(
                options: options,
                channel: new RpcChannelOptions { ServerAuthorities = [server], ClientCertificate = wrong });
            var failure = await Assert.ThrowsAsync<RpcException>(() =>
                pair.Channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, Echo.Token).InTime());
            Assert.Equal(StatusCode.Unavailable, failure.Code);
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
