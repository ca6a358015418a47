using System.Threading.Channels;
using Colony.Actors;

namespace Colony.Coordinator;

/// <summary>
/// A remote peer as a child of the coordinator. Its life is the peer's gRPC stream: the stream's handler stops it when
/// the stream ends, and when it is stopped the handler ends the stream.
/// </summary>
/// <typeparam name="TCommand">What the peer is sent.</typeparam>
internal sealed class SessionActor<TCommand>(Outbox<TCommand> outbox) : Actor<TCommand>
{
    protected override void Receive(TCommand message, IActorContext<TCommand> context)
    {
        if (!outbox.TryPut(message))
        {
            context.Stop($"the peer leaves {Outbox<TCommand>.Capacity} commands unread");
        }
    }

    protected override void Stopped(StopReason reason) => outbox.Complete();
}

/// <summary>Commands on their way to a peer; bounded, because a peer that does not read is as good as gone.</summary>
/// <typeparam name="TCommand">What the peer is sent.</typeparam>
internal sealed class Outbox<TCommand>
{
    public const int Capacity = 256;

    private readonly Channel<TCommand> _channel = Channel.CreateBounded<TCommand>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });

    public bool TryPut(TCommand command) => _channel.Writer.TryWrite(command);

    public void Complete() => _channel.Writer.TryComplete();

    public IAsyncEnumerable<TCommand> TakeAllAsync(CancellationToken cancellationToken) =>
        _channel.Reader.ReadAllAsync(cancellationToken);
}
