using Colony.Testing;

namespace Colony.Storage.Tests;

/// <summary>The tests' S3 server in the product's words.</summary>
internal static class S3ServerOptions
{
    /// <summary>How to reach it; skips the test (in CI: fails it) when it is not there.</summary>
    public static ObjectStoreOptions Options(this S3Server server) => new()
    {
        S3Endpoint = server.Endpoint,
        S3AccessKey = S3Server.Key,
        S3SecretKey = S3Server.Key,
    };
}
