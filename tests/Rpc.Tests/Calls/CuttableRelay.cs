using System.Net;
using System.Net.Sockets;

namespace Colony.Rpc.Tests;

/// <summary>A TCP relay to a port of this machine that a test can cut, as a dying machine or cable would.</summary>
internal sealed class CuttableRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _cut = new();
    private readonly int _port;
    private readonly Task _accepting;

    private CuttableRelay(int port)
    {
        _port = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    public static CuttableRelay To(int port) => new(port);

    /// <summary>Resets every connection and takes no more.</summary>
    public void Cut() => _cut.Cancel();

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _accepting;
        _listener.Dispose();
        _cut.Dispose();
    }

    private async Task AcceptAsync()
    {
        var relays = new List<Task>();
        try
        {
            while (true)
            {
                relays.Add(RelayAsync(await _listener.AcceptSocketAsync(_cut.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(Socket near)
    {
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (near)
        {
            try
            {
                await far.ConnectAsync(IPAddress.Loopback, _port, _cut.Token);
                await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near));
            }
            catch (OperationCanceledException)
            {
                // Cut while it was connecting.
            }

            // Without lingering, closing sends a reset.
            near.LingerState = new LingerOption(true, 0);
            far.LingerState = new LingerOption(true, 0);
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _cut.Token) is > 0 and var count)
            {
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _cut.Token);
                }
            }
        }
        catch (Exception cause) when (cause is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other pump, or the cut, ended the connection.
        }
    }
}
