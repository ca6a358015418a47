using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using BindConflict = Microsoft.AspNetCore.Connections.AddressInUseException;

namespace Colony.Rpc;

/// <summary>
/// One Kestrel with one endpoint and one delegate, and nothing else of a web host: no configuration from the
/// environment, no routing, no signal handlers, no output.
/// </summary>
internal sealed class KestrelHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private KestrelHost(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>Where it listens, with the port that was taken.</summary>
    public Uri Address { get; }

    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    public static async Task<KestrelHost> StartAsync(
        IPEndPoint endpoint,
        Action<KestrelServerOptions> limits,
        Action<ListenOptions> listen,
        RequestDelegate handle,
        ILoggerFactory? logging,
        CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logging ?? NullLoggerFactory.Instance);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            limits(options);
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
            {
                // Falls back to IPv4 where the machine has no IPv6.
                options.ListenAnyIP(endpoint.Port, listen);
            }
            else
            {
                options.Listen(endpoint, listen);
            }
        });

        // How long stopping may take is said by the token of StopAsync alone.
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        var app = builder.Build();
        app.Run(handle);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception cause)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw Explain(endpoint, cause);
        }

        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        return new KestrelHost(app, new Uri(addresses!.Addresses.First()));
    }

    /// <summary>Lets open requests end until the token is cancelled, then cuts their connections.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Exception Explain(IPEndPoint endpoint, Exception cause)
    {
        for (var inner = cause; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case BindConflict or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }:
                    return new AddressInUseException(
                        $"Cannot listen on {endpoint}: the address is in use; stop the other process or choose another "
                        + "port (0 takes a free one).", cause);
                case SocketException { SocketErrorCode: SocketError.AccessDenied }:
                    return new ListenException(
                        $"Cannot listen on {endpoint}: permission denied; choose a port above 1023.", cause);
                case SocketException { SocketErrorCode: SocketError.AddressNotAvailable }:
                    return new ListenException(
                        $"Cannot listen on {endpoint}: this machine has no such address; "
                        + "choose one of its own, or 127.0.0.1.", cause);
            }
        }

        return cause;
    }

    /// <summary>The process belongs to its program, not to a server within it.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
