using System.Buffers;
using System.IO.Pipelines;

namespace Colony.Rpc;

/// <summary>The requests of a call.</summary>
internal sealed class ServerReader<T>(ServerCall call, Marshaller<T> marshaller) : IRpcReader<T>
{
    private SequencePosition? _consumed;
    private T? _current;
    private bool _ended;

    public T Current => _current ?? throw new InvalidOperationException("There is no current message.");

    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        _current = default;
        if (_ended)
        {
            return false;
        }

        using var linked = call.Link(cancellationToken, out var token);
        token.ThrowIfCancellationRequested();
        Release();
        while (true)
        {
            var result = await ReadBodyAsync(token).ConfigureAwait(false);
            var buffer = result.Buffer;
            if (Frames.TryRead(ref buffer, call.MaxReceiveMessageBytes, out var message))
            {
                _current = marshaller.Read(message);
                _consumed = buffer.Start;
                return true;
            }

            if (result.IsCompleted)
            {
                _ended = true;
                RequireEmpty(buffer);
                return false;
            }

            call.Body.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>
    /// The one request of a call that must have just one. The end of the stream is awaited before the message is read,
    /// so its bytes stay in their buffers while the handler runs.
    /// </summary>
    public async ValueTask<T> ReadOnlyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await ReadBodyAsync(cancellationToken).ConfigureAwait(false);
            var buffer = result.Buffer;
            var arrived = Frames.TryRead(ref buffer, call.MaxReceiveMessageBytes, out var message);
            if (arrived && !buffer.IsEmpty)
            {
                throw new RpcException(
                    StatusCode.Unimplemented, "More than one request came for a method that takes one.");
            }

            if (result.IsCompleted)
            {
                RequireEmpty(buffer);
                return arrived
                    ? marshaller.Read(message)
                    : throw new RpcException(StatusCode.Internal, "The request stream ended without a request.");
            }

            call.Body.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private async ValueTask<ReadResult> ReadBodyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await call.Body.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException cause)
        {
            // The connection broke; its token is cancelled a moment later.
            throw new RpcException(StatusCode.Cancelled, "The client ended the call.", inner: cause);
        }
    }

    private static void RequireEmpty(in ReadOnlySequence<byte> buffer)
    {
        if (!buffer.IsEmpty)
        {
            throw new RpcException(
                StatusCode.Internal, $"The request stream ended within a message, after {buffer.Length} bytes.");
        }
    }

    private void Release()
    {
        if (_consumed is { } consumed)
        {
            _consumed = null;
            call.Body.AdvanceTo(consumed);
        }
    }
}

/// <summary>The responses of a call.</summary>
internal sealed class ServerWriter<T>(ServerCall call, Marshaller<T> marshaller) : IRpcWriter<T>
{
    public ValueTask WriteAsync(T message, CancellationToken cancellationToken) =>
        call.WriteAsync(marshaller, message, cancellationToken);
}
