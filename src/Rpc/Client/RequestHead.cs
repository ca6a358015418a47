using System.Net;
using System.Net.Http.Headers;

namespace Colony.Rpc;

/// <summary>The HTTP request of a call, without its messages.</summary>
internal static class RequestHead
{
    private static readonly MediaTypeHeaderValue ContentType = new(ProtocolNames.ContentType);
    private static readonly TransferCodingWithQualityHeaderValue Trailers = new("trailers");

    public static HttpRequestMessage Build(Uri address, HttpContent content, CallOptions options, string? token)
    {
        content.Headers.ContentType = ContentType;
        var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        var headers = request.Headers;
        headers.TE.Add(Trailers);
        headers.TryAddWithoutValidation("user-agent", ProtocolNames.UserAgent);
        headers.TryAddWithoutValidation(ProtocolNames.AcceptEncodingField, ProtocolNames.Identity);
        if (options.Timeout is { } timeout)
        {
            headers.TryAddWithoutValidation(ProtocolNames.TimeoutField, TimeoutHeader.Format(timeout));
        }

        if (token is not null)
        {
            headers.TryAddWithoutValidation(ProtocolNames.Authorization, ProtocolNames.BearerPrefix + token);
        }

        foreach (var entry in options.Headers ?? [])
        {
            headers.TryAddWithoutValidation(entry.Key, MetadataCodec.Encode(entry));
        }

        return request;
    }
}
