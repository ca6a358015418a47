using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Colony.Rpc;

/// <summary>Status and metadata out of the fields of a response.</summary>
internal static class ResponseHead
{
    /// <summary>The status in a set of fields, or null when there is none.</summary>
    public static Status? Status(HttpHeaders fields)
    {
        if (!fields.NonValidated.TryGetValues(ProtocolNames.StatusField, out var values))
        {
            return null;
        }

        var text = values.ToString();
        var code = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= (int)StatusCode.OK and <= (int)StatusCode.Unauthenticated
            ? (StatusCode)number
            : StatusCode.Unknown;
        var detail = fields.NonValidated.TryGetValues(ProtocolNames.MessageField, out var message)
            ? PercentEncoding.Decode(message.ToString())
            : "";
        return new Status(code, detail);
    }

    /// <summary>The metadata in a set of fields.</summary>
    public static Metadata Metadata(HttpHeaders fields)
    {
        var metadata = new Metadata();
        foreach (var (key, values) in fields.NonValidated)
        {
            foreach (var value in values)
            {
                MetadataCodec.Decode(key, value, metadata);
            }
        }

        return metadata;
    }

    /// <summary>Why a response cannot be that of a gRPC server, or null.</summary>
    public static RpcException? Refusal(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new RpcException(ClientFailures.FromHttp(response.StatusCode),
                $"The server answered with HTTP {(int)response.StatusCode}, not with gRPC.");
        }

        var fields = response.Content.Headers.NonValidated;
        var type = fields.TryGetValues("Content-Type", out var values) ? values.ToString() : null;
        return ProtocolNames.IsGrpc(type)
            ? null
            : new RpcException(
                StatusCode.Unknown, $"The server answered with content of type '{type}', not with gRPC.");
    }
}
