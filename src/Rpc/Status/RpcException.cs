namespace Colony.Rpc;

/// <summary>
/// A call that ended with another status than <see cref="StatusCode.OK"/>. A client gets it from its call; a handler
/// throws it to end its call with that status.
/// </summary>
public sealed class RpcException : Exception
{
    /// <summary>A failed call.</summary>
    /// <param name="code">The outcome, not <see cref="StatusCode.OK"/>.</param>
    /// <param name="detail">A sentence for people; it travels to the other side.</param>
    /// <param name="trailers">Metadata that came, or is to go, with the status.</param>
    /// <param name="inner">The local cause, which never travels.</param>
    /// <exception cref="ArgumentException"><paramref name="code"/> says success.</exception>
    public RpcException(StatusCode code, string detail, Metadata? trailers = null, Exception? inner = null)
        : base(new Status(code, detail).ToString(), inner)
    {
        if (code == StatusCode.OK)
        {
            throw new ArgumentException("A failed call cannot have the status OK.", nameof(code));
        }

        Status = new Status(code, detail);
        Trailers = trailers ?? [];
    }

    /// <summary>Outcome and sentence.</summary>
    public Status Status { get; }

    /// <summary>The outcome.</summary>
    public StatusCode Code => Status.Code;

    /// <summary>The sentence that travelled with the outcome.</summary>
    public string Detail => Status.Detail;

    /// <summary>Metadata that came with the status.</summary>
    public Metadata Trailers { get; }
}
