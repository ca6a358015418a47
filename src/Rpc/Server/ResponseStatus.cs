using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Colony.Rpc;

/// <summary>The status as it leaves the server: in the trailers, or in the headers when nothing went before.</summary>
internal static class ResponseStatus
{
    /// <summary>Longer sentences are cut, so that they fit the header limits of every client.</summary>
    private const int MaxDetailLength = 1024;

    public static void Write(HttpResponse response, Status status, Metadata trailers)
    {
        var started = response.HasStarted;
        Add(response, started, ProtocolNames.StatusField, ((int)status.Code).ToString(CultureInfo.InvariantCulture));
        if (status.Detail.Length > 0)
        {
            var detail =
                status.Detail.Length <= MaxDetailLength ? status.Detail : status.Detail[..MaxDetailLength] + "...";
            Add(response, started, ProtocolNames.MessageField, PercentEncoding.Encode(detail));
        }

        foreach (var entry in trailers)
        {
            Add(response, started, entry.Key, MetadataCodec.Encode(entry));
        }
    }

    private static void Add(HttpResponse response, bool started, string key, string value)
    {
        if (started)
        {
            response.AppendTrailer(key, value);
        }
        else
        {
            response.Headers.Append(key, value);
        }
    }
}
