using Microsoft.Extensions.Logging;

namespace Colony.Rpc;

/// <summary>What the server has to say to its operator.</summary>
internal static partial class RpcLog
{
    [LoggerMessage(1, LogLevel.Error, "The handler of {Method}, called by {Peer}, failed.")]
    public static partial void HandlerFailed(ILogger log, string method, string peer, Exception failure);
}
