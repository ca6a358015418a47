namespace Colony.Rpc;

/// <summary>Which of the two sides of a call sends many messages.</summary>
public enum MethodKind
{
    /// <summary>One request, one response.</summary>
    Unary,

    /// <summary>One request, many responses.</summary>
    ServerStreaming,

    /// <summary>Many requests, one response.</summary>
    ClientStreaming,

    /// <summary>Many requests, many responses, independent of each other.</summary>
    Duplex,
}
