using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Colony.Rpc;

/// <summary>
/// One call on the server: reads frames off the request, writes frames and the status to the response.
/// </summary>
internal sealed class ServerCall : IDisposable
{
    /// <summary>Bytes that are copied to Kestrel's buffers before it is asked whether the network keeps up.</summary>
    private const int WriteSlice = 64 * 1024;

    private readonly HttpContext _http;
    private readonly SemaphoreSlim _writing = new(1);
    private bool _finished;

    public ServerCall(HttpContext http, CallLifetime lifetime, int maxReceiveMessageBytes)
    {
        _http = http;
        Lifetime = lifetime;
        MaxReceiveMessageBytes = maxReceiveMessageBytes;
        Context = new RpcContext(this, http, lifetime.Deadline);
    }

    public RpcContext Context { get; }

    public CallLifetime Lifetime { get; }

    public int MaxReceiveMessageBytes { get; }

    public PipeReader Body => _http.Request.BodyReader;

    public async ValueTask SendHeadersAsync(CancellationToken cancellationToken)
    {
        using var linked = Link(cancellationToken, out var token);
        await _writing.WaitAsync(token).ConfigureAwait(false);
        try
        {
            StartResponse();
            await FlushAsync(token).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask WriteAsync<T>(Marshaller<T> marshaller, T message, CancellationToken cancellationToken)
    {
        using var linked = Link(cancellationToken, out var token);
        using var buffer = new MessageBuffer();
        var payload = buffer.Encode(marshaller, message);
        await _writing.WaitAsync(token).ConfigureAwait(false);
        try
        {
            token.ThrowIfCancellationRequested();
            StartResponse();
            var body = _http.Response.BodyWriter;
            body.Write(buffer.Framed.Span);
            foreach (var segment in payload)
            {
                for (var rest = segment; !rest.IsEmpty;)
                {
                    var slice = rest[..Math.Min(rest.Length, WriteSlice)];
                    body.Write(slice.Span);
                    rest = rest[slice.Length..];
                    if (!rest.IsEmpty)
                    {
                        await FlushAsync(token).ConfigureAwait(false);
                    }
                }
            }

            await FlushAsync(token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!Lifetime.Token.IsCancellationRequested)
        {
            // Half a message may be on its way: nothing sensible can follow it.
            _http.Abort();
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Sends the status, once; what comes later is ignored, and writes fail.</summary>
    public async Task FinishAsync(Status status, Metadata trailers)
    {
        await _writing.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_finished || Lifetime.IsAborted)
            {
                return;
            }

            _finished = true;
            var response = _http.Response;
            if (!response.HasStarted)
            {
                AddMetadata(Context.ResponseHeaders, response.Headers);
            }

            ResponseStatus.Write(response, status, trailers);
            await response.CompleteAsync().ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    /// <summary>
    /// The token of an operation that ends with the call; the result is to be disposed and often null.
    /// </summary>
    public CancellationTokenSource? Link(CancellationToken cancellationToken, out CancellationToken token)
    {
        if (!cancellationToken.CanBeCanceled || cancellationToken == Lifetime.Token)
        {
            token = Lifetime.Token;
            return null;
        }

        var source = CancellationTokenSource.CreateLinkedTokenSource(Lifetime.Token, cancellationToken);
        token = source.Token;
        return source;
    }

    private void StartResponse()
    {
        if (_finished)
        {
            throw new RpcException(StatusCode.Cancelled, "The call has ended; nothing more can be sent.");
        }

        if (!_http.Response.HasStarted)
        {
            AddMetadata(Context.ResponseHeaders, _http.Response.Headers);
        }
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var result = await _http.Response.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (result.IsCanceled || result.IsCompleted)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static void AddMetadata(Metadata metadata, IHeaderDictionary headers)
    {
        foreach (var entry in metadata)
        {
            headers.Append(entry.Key, MetadataCodec.Encode(entry));
        }
    }
}
