using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Colony.Storage;

/// <summary>
/// A store in a bucket behind S3's API. A put is buffered by parts: one that fits a part is a single request, a longer
/// one a multipart upload, which appears only when it is completed.
/// </summary>
internal sealed class S3Store : IObjectStore
{
    /// <summary>Bytes of a part, and so of memory a put needs. S3 asks for at least 5 MiB.</summary>
    internal const int PartBytes = 16 * 1024 * 1024;

    /// <summary>Keys in a page of a listing; S3's own limit.</summary>
    private const int PageKeys = 1000;

    /// <summary>
    /// Times a request is tried again, with the SDK's exponential backoff of seconds, before the user hears of it.
    /// </summary>
    internal const int MaxRetries = 3;

    /// <summary>Longest silence of the server in one request.</summary>
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(100);

    private readonly AmazonS3Client _client;
    private readonly S3Errors _errors;
    private readonly string _bucket;
    private readonly string _prefix;
    private readonly int _partBytes;
    private readonly int _pageKeys;

    public S3Store(
        string bucket, string prefix, ObjectStoreOptions options, int partBytes = PartBytes, int pageKeys = PageKeys)
    {
        _bucket = bucket;
        _prefix = prefix.Length == 0 ? "" : prefix + "/";
        _partBytes = partBytes;
        _pageKeys = pageKeys;
        Location = $"s3://{bucket}/{prefix}";
        _errors = new S3Errors(bucket, Location, options.S3Endpoint);
        _client = CreateClient(options);
    }

    public string Location { get; }

    public async Task PutAsync(string key, Func<Stream, CancellationToken, Task> write, CancellationToken ct)
    {
        var name = NameOf(key);
        var upload = new S3UploadStream(_client, _bucket, name, _partBytes);
        await using (upload.ConfigureAwait(false))
        {
            try
            {
                await write(upload, ct).ConfigureAwait(false);
                await upload.CompleteAsync(ct).ConfigureAwait(false);
            }
            catch (Exception e) when (S3Errors.IsExpected(e))
            {
                throw _errors.Explain(e, "write", key);
            }
        }
    }

    public async Task<Stream> OpenReadAsync(string key, CancellationToken ct)
    {
        var request = new GetObjectRequest { BucketName = _bucket, Key = NameOf(key) };
        var response = await CallAsync("read", key, () => _client.GetObjectAsync(request, ct)).ConfigureAwait(false);
        return new S3ReadStream(
            response, e => _errors.Explain(e, "read", key), RequestTimeout, TimeProvider.System);
    }

    public async Task<StoredObject?> FindAsync(string key, CancellationToken ct)
    {
        var request = new GetObjectMetadataRequest { BucketName = _bucket, Key = NameOf(key) };
        try
        {
            var found = await _client.GetObjectMetadataAsync(request, ct).ConfigureAwait(false);
            return new StoredObject(key, found.ContentLength);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            // A HEAD has no body to tell a missing key from a missing bucket; a listing does.
            await foreach (var unused in ListAsync(key, ct).ConfigureAwait(false))
            {
                break;
            }

            return null;
        }
        catch (Exception e) when (S3Errors.IsExpected(e))
        {
            throw _errors.Explain(e, "read", key);
        }
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(
        string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = _bucket,
            Prefix = _prefix + ObjectKey.CheckPrefix(prefix),
            MaxKeys = _pageKeys,
        };
        ListObjectsV2Response page;
        do
        {
            page = await CallAsync("list", prefix, () => _client.ListObjectsV2Async(request, ct)).ConfigureAwait(false);
            foreach (var found in page.S3Objects)
            {
                // Consoles make "folders" as empty objects whose name ends with '/': not keys of ours.
                var key = found.Key[_prefix.Length..];
                if (ObjectKey.Problem(key) is null)
                {
                    yield return new StoredObject(key, found.Size);
                }
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated);
    }

    public async Task DeleteAsync(string key, CancellationToken ct)
    {
        var request = new DeleteObjectRequest { BucketName = _bucket, Key = NameOf(key) };
        await CallAsync("delete", key, () => _client.DeleteObjectAsync(request, ct)).ConfigureAwait(false);
    }

    public async Task DeleteLeftoversAsync(string prefix, CancellationToken ct)
    {
        var request = new ListMultipartUploadsRequest
        {
            BucketName = _bucket,
            Prefix = _prefix + ObjectKey.CheckPrefix(prefix),
        };
        try
        {
            ListMultipartUploadsResponse page;
            do
            {
                page = await _client.ListMultipartUploadsAsync(request, ct).ConfigureAwait(false);
                foreach (var upload in page.MultipartUploads)
                {
                    await _client.AbortMultipartUploadAsync(_bucket, upload.Key, upload.UploadId, ct)
                        .ConfigureAwait(false);
                }

                request.KeyMarker = page.NextKeyMarker;
                request.UploadIdMarker = page.NextUploadIdMarker;
            }
            while (page.IsTruncated);
        }
        catch (AmazonS3Exception e) when (e.StatusCode
            is System.Net.HttpStatusCode.NotImplemented or System.Net.HttpStatusCode.Forbidden)
        {
            // Not every server has this call, nor every key the right to it: a bucket's lifecycle rule does the same.
        }
        catch (Exception e) when (S3Errors.IsExpected(e))
        {
            throw _errors.Explain(e, "sweep", prefix);
        }
    }

    public void Dispose() => _client.Dispose();

    private static AmazonS3Client CreateClient(ObjectStoreOptions options)
    {
        var config = new AmazonS3Config
        {
            MaxErrorRetry = MaxRetries,
            Timeout = RequestTimeout,
            RetryMode = RequestRetryMode.Standard,
        };
        var region = options.S3Region ?? "us-east-1";
        if (options.S3Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.ForcePathStyle = true;
            config.AuthenticationRegion = region;
        }
        else
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(region);
        }

        return (options.S3AccessKey, options.S3SessionToken) switch
        {
            (null, _) => new AmazonS3Client(config),
            ({ } key, null) => new AmazonS3Client(new BasicAWSCredentials(key, options.S3SecretKey), config),
            ({ } key, { } token) => new AmazonS3Client(
                new SessionAWSCredentials(key, options.S3SecretKey, token), config),
        };
    }

    private string NameOf(string key) => _prefix + ObjectKey.Check(key);

    private async Task<T> CallAsync<T>(string verb, string key, Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception e) when (S3Errors.IsExpected(e))
        {
            throw _errors.Explain(e, verb, key);
        }
    }
}
