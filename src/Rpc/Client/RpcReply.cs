namespace Colony.Rpc;

/// <summary>The one response of a call and the metadata around it.</summary>
/// <param name="Response">The message.</param>
/// <param name="Headers">Metadata that came before it.</param>
/// <param name="Trailers">Metadata that came with the status.</param>
public sealed record RpcReply<TResponse>(TResponse Response, Metadata Headers, Metadata Trailers);
