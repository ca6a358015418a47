namespace Colony.Rpc;

/// <summary>Names and fixed values of the gRPC protocol over HTTP/2.</summary>
internal static class ProtocolNames
{
    public const string ContentType = "application/grpc";
    public const string StatusField = "grpc-status";
    public const string MessageField = "grpc-message";
    public const string TimeoutField = "grpc-timeout";
    public const string AcceptEncodingField = "grpc-accept-encoding";
    public const string Identity = "identity";
    public const string Authorization = "authorization";
    public const string BearerPrefix = "Bearer ";
    public const string UserAgent = "grpc-colony/1.0";

    /// <summary>
    /// Whether a content type is gRPC's: <c>application/grpc</c>, alone or with <c>+suffix</c> or <c>;parameters</c>.
    /// </summary>
    public static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';' or ' ');
}
