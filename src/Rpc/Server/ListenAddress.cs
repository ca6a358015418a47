using System.Net;
using System.Net.Sockets;

namespace Colony.Rpc;

/// <summary>What a server may listen on, and the sentences for when it may not.</summary>
internal static class ListenAddress
{
    /// <summary>The address that the words of the user mean.</summary>
    /// <exception cref="ListenException">No such host.</exception>
    public static async Task<IPEndPoint> ResolveAsync(string host, int port, CancellationToken cancellationToken)
    {
        if (port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
        {
            throw new ListenException(
                $"Cannot listen on {host}:{port}: a port is between 0 and 65535; choose another one.");
        }

        if (host is "*" or "+")
        {
            return new IPEndPoint(IPAddress.IPv6Any, port);
        }

        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            return new IPEndPoint(IPAddress.Loopback, port);
        }

        if (IPAddress.TryParse(host, out var address))
        {
            return new IPEndPoint(address, port);
        }

        try
        {
            var found = await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
            return new IPEndPoint(found[0], port);
        }
        catch (Exception cause) when (cause is SocketException or ArgumentException or IndexOutOfRangeException)
        {
            throw new ListenException(
                $"Cannot listen on {host}:{port}: no address is known for this host; give an IP address.", cause);
        }
    }

    /// <summary>Refuses what would let strangers in.</summary>
    /// <exception cref="ListenException">Not loopback, and neither protected nor explicitly permitted.</exception>
    public static void RequireSafe(IPEndPoint endpoint, bool encrypted, bool authenticated, bool allowInsecure)
    {
        if (IPAddress.IsLoopback(endpoint.Address) || allowInsecure || (encrypted && authenticated))
        {
            return;
        }

        var missing = encrypted
            ? "neither a token nor mutual TLS (set Token or ClientAuthorities)"
            : "no TLS (set Certificate)";
        throw new ListenException(
            $"Refused to listen on {endpoint}: it is not a loopback address and there is {missing}; "
            + "to do so in a closed network all the same, set AllowInsecure.");
    }
}
