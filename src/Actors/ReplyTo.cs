namespace Colony.Actors;

/// <summary>The place for the answer to one question. Thread-safe; the first answer counts.</summary>
/// <typeparam name="TReply">The answer.</typeparam>
public readonly struct ReplyTo<TReply> : IEquatable<ReplyTo<TReply>>
{
    private readonly PendingAsk<TReply>? _pending;

    internal ReplyTo(PendingAsk<TReply> pending) => _pending = pending;

    /// <summary>Answers.</summary>
    /// <param name="reply">The answer.</param>
    /// <returns>False if nobody waits any more: answered already, timed out, or cancelled.</returns>
    public bool Reply(TReply reply) => _pending?.Answer(reply) ?? false;

    /// <inheritdoc/>
    public bool Equals(ReplyTo<TReply> other) => ReferenceEquals(_pending, other._pending);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ReplyTo<TReply> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _pending?.GetHashCode() ?? 0;
}
