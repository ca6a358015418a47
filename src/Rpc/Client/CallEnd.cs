namespace Colony.Rpc;

/// <summary>Why the client itself ended a call before its status came.</summary>
internal enum CallEnd
{
    None,
    CallerCancelled,
    DeadlinePassed,
    Disposed,
    ChannelClosed,
}
