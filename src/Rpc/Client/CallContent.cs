using System.Net;

namespace Colony.Rpc;

/// <summary>The request body of a call: frames written straight to the HTTP/2 stream.</summary>
internal abstract class CallContent : HttpContent
{
    /// <summary>Ends the body; if it is not complete, the stream is reset.</summary>
    public abstract void Abort(Exception reason);

    protected static async ValueTask WriteMessageAsync<T>(
        Stream stream, Marshaller<T> marshaller, T message, CancellationToken cancellationToken)
    {
        using var buffer = new MessageBuffer();
        var payload = buffer.Encode(marshaller, message);
        await stream.WriteAsync(buffer.Framed, cancellationToken).ConfigureAwait(false);
        foreach (var segment in payload)
        {
            await stream.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
        }

        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected sealed override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>The body of a call with one request.</summary>
internal sealed class SingleRequest<T>(Marshaller<T> marshaller, T message) : CallContent
{
    public override void Abort(Exception reason)
    {
    }

    protected override Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        WriteMessageAsync(stream, marshaller, message, cancellationToken).AsTask();
}
