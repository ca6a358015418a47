using Amazon.S3;
using Amazon.S3.Model;

namespace Colony.Storage;

/// <summary>
/// The writing end of one put into a bucket. Holds one part in memory. Until <see cref="CompleteAsync"/> has returned
/// nothing is visible in the bucket; disposing before that gives the parts sent so far back.
/// </summary>
internal sealed class S3UploadStream(IAmazonS3 client, string bucket, string name, int partBytes) : WriteOnlyStream
{
    /// <summary>S3's own limit.</summary>
    private const int MaxParts = 10_000;

    /// <summary>
    /// How long giving up an upload may take; what stays is left to the sweep and the bucket's lifecycle rule.
    /// </summary>
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(10);

    private readonly MemoryStream _part = new();
    private readonly List<PartETag> _sent = [];
    private string? _uploadId;
    private bool _completed;

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            // A full part is sent only when more follows, so that a put of exactly one part is one request.
            if (_part.Length == partBytes)
            {
                await SendPartAsync(cancellationToken).ConfigureAwait(false);
            }

            var count = (int)Math.Min(buffer.Length, partBytes - _part.Length);
            _part.Write(buffer.Span[..count]);
            buffer = buffer[count..];
        }
    }

    /// <summary>Makes the object appear.</summary>
    public async Task CompleteAsync(CancellationToken ct)
    {
        if (_uploadId is null)
        {
            _part.Position = 0;
            await client.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = bucket,
                    Key = name,
                    InputStream = _part,
                    AutoCloseStream = false,
                    UseChunkEncoding = false,
                },
                ct).ConfigureAwait(false);
        }
        else
        {
            await SendPartAsync(ct).ConfigureAwait(false);
            await client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest
                {
                    BucketName = bucket,
                    Key = name,
                    UploadId = _uploadId,
                    PartETags = _sent,
                },
                ct).ConfigureAwait(false);
        }

        _completed = true;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_uploadId is not null && !_completed)
        {
            // The put's own token may be cancelled already; giving back has its own short limit.
            using var limit = new CancellationTokenSource(AbortTimeout);
            try
            {
                await client.AbortMultipartUploadAsync(bucket, name, _uploadId, limit.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (S3Errors.IsExpected(e) || e is OperationCanceledException)
            {
                // The failure that brought us here is what the user has to hear of.
            }
        }

        await _part.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task SendPartAsync(CancellationToken ct)
    {
        if (_sent.Count == MaxParts)
        {
            throw new StorageException(
                $"'{name}' is longer than {(long)MaxParts * partBytes} bytes, the most one object may have in "
                + $"bucket '{bucket}': use more checkpoint parts.");
        }

        _uploadId ??= (await client.InitiateMultipartUploadAsync(bucket, name, ct).ConfigureAwait(false)).UploadId;
        _part.Position = 0;
        var number = _sent.Count + 1;
        var sent = await client.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = bucket,
                Key = name,
                UploadId = _uploadId,
                PartNumber = number,
                PartSize = _part.Length,
                InputStream = _part,
                UseChunkEncoding = false,
            },
            ct).ConfigureAwait(false);
        _sent.Add(new PartETag(number, sent.ETag));
        _part.SetLength(0);
    }
}
