namespace Colony.Storage;

/// <summary>What reaching a bucket needs beyond its name. Directories need none of it.</summary>
public sealed record ObjectStoreOptions
{
    /// <summary>
    /// The server of S3's API, such as <c>http://127.0.0.1:9000</c>, addressed path-style (bucket in the path);
    /// null for Amazon's own.
    /// </summary>
    public Uri? S3Endpoint { get; init; }

    /// <summary>The bucket's region; null for us-east-1.</summary>
    public string? S3Region { get; init; }

    /// <summary>
    /// The key's id; null to let the AWS SDK look in its usual places (profile, container role, instance).
    /// </summary>
    public string? S3AccessKey { get; init; }

    /// <summary>The key's secret; goes with <see cref="S3AccessKey"/>.</summary>
    public string? S3SecretKey { get; init; }

    /// <summary>A temporary key's token, or null.</summary>
    public string? S3SessionToken { get; init; }

    /// <summary>
    /// Reads <c>COLONY_S3_ENDPOINT</c> (or <c>AWS_ENDPOINT_URL_S3</c>, <c>AWS_ENDPOINT_URL</c>), <c>AWS_REGION</c> (or
    /// <c>AWS_DEFAULT_REGION</c>), <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c> and <c>AWS_SESSION_TOKEN</c>.
    /// </summary>
    /// <param name="variable">
    /// Looks an environment variable up: <see cref="Environment.GetEnvironmentVariable(string)"/>.
    /// </param>
    /// <exception cref="StorageException">A variable has a value that cannot be used; the message names it.</exception>
    public static ObjectStoreOptions FromEnvironment(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        string? First(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (variable(name) is { Length: > 0 } value)
                {
                    return value;
                }
            }

            return null;
        }

        var accessKey = First("AWS_ACCESS_KEY_ID");
        var secretKey = First("AWS_SECRET_ACCESS_KEY");
        if (accessKey is null != secretKey is null)
        {
            var (set, missing) = accessKey is null
                ? ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")
                : ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
            throw new StorageException($"{set} is set but {missing} is not: set both, or neither.");
        }

        return new ObjectStoreOptions
        {
            S3Endpoint = Endpoint(First("COLONY_S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")),
            S3Region = First("AWS_REGION", "AWS_DEFAULT_REGION"),
            S3AccessKey = accessKey,
            S3SecretKey = secretKey,
            S3SessionToken = First("AWS_SESSION_TOKEN"),
        };
    }

    private static Uri? Endpoint(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new StorageException(
                $"the S3 endpoint '{text}' is not an http or https address: write it as http://host:port.");
    }
}

/// <summary>Opens stores by the address that a job file or a command line gives.</summary>
public static class ObjectStores
{
    private const string S3Scheme = "s3://";
    private const string FileScheme = "file://";

    /// <summary>
    /// Opens <c>s3://bucket/prefix</c>, <c>file:///directory</c> or a plain directory. Nothing is created or contacted
    /// before the first operation.
    /// </summary>
    /// <param name="address">The store's address.</param>
    /// <param name="options">How to reach a bucket; see <see cref="ObjectStoreOptions.FromEnvironment"/>.</param>
    /// <exception cref="StorageException">The address is none of these; the message says what to write.</exception>
    public static IObjectStore Open(string address, ObjectStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        if (address.StartsWith(S3Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return OpenBucket(address, options);
        }

        if (address.StartsWith(FileScheme, StringComparison.OrdinalIgnoreCase))
        {
            return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Host.Length == 0
                ? new DirectoryStore(uri.LocalPath)
                : throw new StorageException($"'{address}' is not a file address: write it as file:///directory.");
        }

        if (address.Contains("://", StringComparison.Ordinal))
        {
            throw new StorageException(
                $"'{address}' is not a kind of store Colony knows: use a directory, file:///directory or "
                + "s3://bucket/prefix.");
        }

        return address.Trim().Length == 0 || address.Contains('\0', StringComparison.Ordinal)
            ? throw new StorageException("the store's address is empty: give a directory or s3://bucket/prefix.")
            : new DirectoryStore(address);
    }

    private static S3Store OpenBucket(string address, ObjectStoreOptions options)
    {
        var rest = address[S3Scheme.Length..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? rest : rest[..slash];
        var prefix = slash < 0 ? "" : rest[(slash + 1)..].TrimEnd('/');
        if (bucket.Length is < 3 or > 63 || bucket.Any(c =>
            !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_')))
        {
            throw new StorageException(
                $"'{address}' does not name a bucket (3 to 63 letters, digits, '-' or '.'): write s3://bucket/prefix.");
        }

        return prefix.Length > 0 && ObjectKey.Problem(prefix) is { } problem
            ? throw new StorageException($"the prefix of '{address}' {problem}: write s3://bucket/prefix.")
            : new S3Store(bucket, prefix, options);
    }
}
