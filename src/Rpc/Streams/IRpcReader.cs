using System.Runtime.CompilerServices;

namespace Colony.Rpc;

/// <summary>The messages that arrive in a call, on either side. One reader at a time.</summary>
public interface IRpcReader<out T>
{
    /// <summary>The message that the last <see cref="MoveNextAsync"/> brought.</summary>
    T Current { get; }

    /// <summary>
    /// Waits for the next message; what the one before kept of the connection's buffers is no longer valid.
    /// </summary>
    /// <returns>False when the other side has ended its stream in good order.</returns>
    /// <exception cref="RpcException">The call failed.</exception>
    /// <exception cref="OperationCanceledException">The token, or that of the call, was cancelled.</exception>
    ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken);
}

/// <summary>The messages that leave in a call, on either side.</summary>
public interface IRpcWriter<in T>
{
    /// <summary>
    /// Sends one message and waits while the other side is slow. Several may write at a time; messages never mix.
    /// Cancelling a write that has begun ends the call, because half a message cannot be taken back.
    /// </summary>
    /// <exception cref="RpcException">The call has ended.</exception>
    /// <exception cref="OperationCanceledException">The token, or that of the call, was cancelled.</exception>
    ValueTask WriteAsync(T message, CancellationToken cancellationToken);
}

/// <summary>Reading a stream with <c>await foreach</c>.</summary>
public static class RpcReaderExtensions
{
    /// <summary>All messages to the end of the stream.</summary>
    public static async IAsyncEnumerable<T> ReadAllAsync<T>(
        this IRpcReader<T> reader, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await reader.MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return reader.Current;
        }
    }
}
