using System.Diagnostics.CodeAnalysis;
using Colony.Protos.V1;
using Colony.Rpc;

namespace Colony.Collective;

/// <summary>
/// Where the chunks of other members arrive: one a worker, for all its generations. Streams of the open generation go
/// to its communicator; streams of an older one are refused at once; a stream of a newer one is held, unread after its
/// first chunk so that its sender is slowed down, until this worker opens that generation too. Thread-safe.
/// </summary>
/// <param name="options">Limits for all generations.</param>
/// <param name="channelOptions">How to connect to other members; null for clear text.</param>
/// <param name="time">Clock of all limits.</param>
public sealed class CollectiveEndpoint(
    CommunicatorOptions? options = null, RpcChannelOptions? channelOptions = null, TimeProvider? time = null)
    : IAsyncDisposable
{
    /// <summary>Streams of generations to come that are held at a time; further ones are refused.</summary>
    public const int MaxHeldStreams = 64;

    private readonly CommunicatorOptions options = options ?? new CommunicatorOptions();
    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly Lock gate = new();
    private TaskCompletionSource changed = NewSignal();
    private GrpcTransport? current;
    private Communicator? communicator;
    private Task closing = Task.CompletedTask;
    private bool disposed;
    private long refused;
    private int held;

    /// <summary>How long a stream of a generation to come is held before it is refused.</summary>
    public static TimeSpan HoldLimit { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Chunks that were refused because of their generation, sender or size, since the start.</summary>
    public long RefusedChunks => Interlocked.Read(ref refused);

    /// <summary>Streams that wait for this worker to open their generation.</summary>
    public int HeldStreams => Volatile.Read(ref held);

    /// <summary>Done when the connections of every generation before the open one are closed.</summary>
    public Task Closing => Volatile.Read(ref closing);

    /// <summary>Bytes that this worker sent and received in all its generations.</summary>
    public CollectiveTraffic Traffic { get; } = new();

    /// <summary>Goes through what a generation begins and ends with, in a group of its own on loopback, so that a real
    /// one finds that code compiled. Has no influence on what is open.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="CollectiveException">The machine cannot reach itself.</exception>
    public Task RehearseAsync(CancellationToken cancellationToken) =>
        LoopbackRehearsal.RunAsync(options, time, cancellationToken);

    /// <summary>Serves <c>colony.v1.Collective</c>; call it before the server is started.</summary>
    public void Register(RpcServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        server.AddDuplex(CollectiveMethods.Exchange, ServeAsync);
    }

    /// <summary>
    /// Enters a generation. The one before it ends at once: its waits fail, here and at the members that still had it.
    /// </summary>
    /// <param name="generation">Greater than all before.</param>
    /// <param name="rank">This worker's place.</param>
    /// <param name="addresses">Where each member's server listens (<c>host:port</c>), in member order.</param>
    /// <returns>The group. It is closed with its connections when the next one is opened, or with this endpoint.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The generation is not newer, or the rank is no
    /// member's.</exception>
    public Communicator Open(ulong generation, int rank, IReadOnlyList<string> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        Communicator opened;
        TaskCompletionSource signal;
        (GrpcTransport Transport, Communicator Group)? over;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            GrpcTransport? before = current;
            Communicator? old = communicator;
            if (before is not null)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(generation, before.Generation);
            }

            var transport = new GrpcTransport(generation, addresses, options.ChunkBytes, channelOptions, time);
            opened = new Communicator(transport, rank, addresses.Count, generation, options, time, Traffic);
            current = transport;
            communicator = opened;
            over = before is null || old is null ? null : (before, old);
            (signal, changed) = (changed, NewSignal());
        }

        if (over is { } last)
        {
            last.Transport.Break(
                CollectiveFailure.WrongGeneration,
                $"generation {last.Transport.Generation} is over, {generation} is open");
            lock (gate)
            {
                closing = CloseAfterAsync(closing, last.Group);
            }
        }

        signal.TrySetResult();
        return opened;
    }

    /// <summary>Leaves the open generation: its waits fail at once, here and at its members. Opens no other.</summary>
    public void Leave()
    {
        GrpcTransport? open;
        lock (gate)
        {
            open = current;
        }

        open?.Break(CollectiveFailure.WrongGeneration, $"this worker has left generation {open.Generation}");
    }

    /// <summary>Closes the open generation and refuses all streams from now on.</summary>
    public async ValueTask DisposeAsync()
    {
        Communicator? open;
        TaskCompletionSource signal;
        lock (gate)
        {
            disposed = true;
            open = communicator;
            signal = changed;
        }

        signal.TrySetResult();
        await Closing.ConfigureAwait(false);
        if (open is not null)
        {
            await open.DisposeAsync().ConfigureAwait(false);
        }

        if (current is not null)
        {
            // The communicator owns it and has closed it by now.
            await current.DisposeAsync().ConfigureAwait(false);
        }
    }

    // In the background: a peer that is gone keeps its link open for as long as a goodbye may take. One after the
    // other, so that there is never more than one of these under way.
    private static async Task CloseAfterAsync(Task earlier, Communicator group)
    {
        await earlier.ConfigureAwait(false);
        await group.DisposeAsync().ConfigureAwait(false);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ServeAsync(
        IRpcReader<ChunkMessage> chunks,
        IRpcWriter<ChunkAck> answers,
        RpcContext context,
        CancellationToken cancellationToken)
    {
        if (!await chunks.MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var header = chunks.Current.Header;
        var transport = await AdmitAsync(header, cancellationToken).ConfigureAwait(false);
        if (!transport.TryConnect(header.Sender))
        {
            throw Refuse(
                $"generation {header.Generation} has {transport.Members} members and each has one stream; "
                + $"member {header.Sender} has one already, is none of them, or the generation was closed");
        }

        await transport.AcceptAsync(chunks, header.Sender, () => Interlocked.Increment(ref refused), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The transport of the chunk's generation, awaited if that is still to come.</summary>
    private async Task<GrpcTransport> AdmitAsync(ChunkHeader header, CancellationToken cancellationToken)
    {
        if (TryAdmit(header.Generation, out var admitted, out var wait))
        {
            return admitted;
        }

        if (Interlocked.Increment(ref held) > MaxHeldStreams)
        {
            Interlocked.Decrement(ref held);
            throw new RpcException(
                StatusCode.ResourceExhausted, $"{MaxHeldStreams} streams wait for generations to come.");
        }

        try
        {
            using var limit = new CancellationTokenSource(HoldLimit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            while (!TryAdmit(header.Generation, out admitted, out wait))
            {
                await wait.WaitAsync(either.Token).ConfigureAwait(false);
            }

            return admitted;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Refuse($"generation {header.Generation} was not opened here within {HoldLimit}");
        }
        finally
        {
            Interlocked.Decrement(ref held);
        }
    }

    private bool TryAdmit(
        ulong generation, [NotNullWhen(true)] out GrpcTransport? admitted, out Task wait)
    {
        lock (gate)
        {
            admitted = current;
            wait = changed.Task;
            if (disposed || (current is not null && current.Generation > generation))
            {
                throw Refuse(disposed
                    ? "this worker has left"
                    : $"generation {generation} is over, {current!.Generation} is open");
            }

            return current is not null && current.Generation == generation;
        }
    }

    private RpcException Refuse(string reason)
    {
        Interlocked.Increment(ref refused);
        return new RpcException(StatusCode.FailedPrecondition, $"The stream is refused: {reason}.");
    }
}
