namespace Colony.Rpc;

/// <summary>The seventeen outcomes of a call, with the numbers that travel in <c>grpc-status</c>.</summary>
public enum StatusCode
{
    /// <summary>The call succeeded.</summary>
    OK = 0,

    /// <summary>The call was cancelled, typically by its caller.</summary>
    Cancelled = 1,

    /// <summary>An error of which nothing better is known, such as an exception in a handler.</summary>
    Unknown = 2,

    /// <summary>The caller sent an argument that no state of the server could accept.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed before the call was finished.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>What was to be created exists already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known but may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A limit was reached, such as the largest message that is accepted.</summary>
    ResourceExhausted = 8,

    /// <summary>The server is not in the state that the call needs; repeating it alone will not help.</summary>
    FailedPrecondition = 9,

    /// <summary>The call lost against a concurrent one, such as one of a newer generation.</summary>
    Aborted = 10,

    /// <summary>Something was asked for beyond its valid range.</summary>
    OutOfRange = 11,

    /// <summary>The server does not know the method, or not the encoding of a message.</summary>
    Unimplemented = 12,

    /// <summary>A rule of the protocol was broken by one of the two sides.</summary>
    Internal = 13,

    /// <summary>The server cannot be reached, is going away, or the connection was lost; repeating may help.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or corrupted beyond recovery.</summary>
    DataLoss = 15,

    /// <summary>The caller did not prove who it is.</summary>
    Unauthenticated = 16,
}
