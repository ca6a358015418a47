using Amazon.S3.Model;

namespace Colony.Storage;

/// <summary>
/// The body of a GET. Owns the response, tells failures in the user's words, and says so when the connection ends
/// before the length that the server announced.
/// </summary>
internal sealed class S3ReadStream(
    GetObjectResponse response, Func<Exception, StorageException> explain, TimeSpan silence, TimeProvider time) : Stream
{
    private readonly long _length = response.ContentLength;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The SDK's own limit ends with the headers.
        using var limit = new CancellationTokenSource(silence, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return Count(await response.ResponseStream.ReadAsync(buffer, both.Token)
                .ConfigureAwait(false), buffer.Length);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw explain(new IOException(
                $"the server said nothing for {silence.TotalSeconds:0} s after {_position} of {_length} bytes"));
        }
        catch (Exception e) when (S3Errors.IsExpected(e))
        {
            throw explain(e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            return Count(response.ResponseStream.Read(buffer, offset, count), count);
        }
        catch (Exception e) when (S3Errors.IsExpected(e))
        {
            throw explain(e);
        }
    }

    public override void Flush()
    {
        // Nothing is ever written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            response.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Count(int read, int asked)
    {
        _position += read;
        if (read == 0 && asked > 0 && _position < _length)
        {
            throw explain(new IOException($"the connection ended after {_position} of {_length} bytes"));
        }

        return read;
    }
}
