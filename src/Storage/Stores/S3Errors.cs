using Amazon.Runtime;
using Amazon.S3;

namespace Colony.Storage;

/// <summary>Turns the S3 client's exceptions into one line with a cure.</summary>
internal sealed class S3Errors(string bucket, string location, Uri? endpoint)
{
    private string Server => endpoint?.GetLeftPart(UriPartial.Authority) ?? "Amazon S3";

    /// <summary>Whether an exception is the network's or the server's doing.</summary>
    public static bool IsExpected(Exception e) =>
        e is AmazonClientException or AmazonServiceException or HttpRequestException or IOException
            or TimeoutException or System.Xml.XmlException
        || (e is TaskCanceledException && e.InnerException is TimeoutException);

    public StorageException Explain(Exception e, string verb, string key)
    {
        if (e is AmazonS3Exception { ErrorCode: "NoSuchKey" } && verb == "read")
        {
            return new ObjectNotFoundException(key, location, e);
        }

        return new StorageException($"cannot {verb} '{key}' in {location}: {Reason(e)}", e)
        {
            MayPass = MayPass(e),
        };
    }

    private string Reason(Exception e) => e switch
    {
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } =>
            $"there is no bucket '{bucket}' at {Server}; create it, or correct the name.",
        AmazonS3Exception { ErrorCode: "InvalidAccessKeyId" } =>
            $"{Server} does not know the access key; check AWS_ACCESS_KEY_ID.",
        AmazonS3Exception { ErrorCode: "SignatureDoesNotMatch" } =>
            $"{Server} refused the signature; check AWS_SECRET_ACCESS_KEY.",
        AmazonS3Exception { ErrorCode: "ExpiredToken" } => "the session token has expired; renew AWS_SESSION_TOKEN.",
        AmazonS3Exception { StatusCode: System.Net.HttpStatusCode.Forbidden } =>
            "access denied; the key needs s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket there.",
        AmazonS3Exception { StatusCode: System.Net.HttpStatusCode.MovedPermanently } =>
            $"bucket '{bucket}' is in another region; set AWS_REGION.",
        AmazonServiceException s when (int)s.StatusCode != 0 =>
            $"{Server} answered {(int)s.StatusCode} {s.ErrorCode}; try again, or look at the server.",
        _ when LacksCredentials(e) =>
            "no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        _ => $"{Server} cannot be reached ({Innermost(e)}); check COLONY_S3_ENDPOINT and the network.",
    };

    // What the server refuses it will refuse again; what it could not do, or what never reached it, it may do later.
    private static bool MayPass(Exception e) => e switch
    {
        AmazonServiceException { StatusCode: > default(System.Net.HttpStatusCode) } s =>
            s.StatusCode is System.Net.HttpStatusCode.RequestTimeout or System.Net.HttpStatusCode.TooManyRequests
            || s.StatusCode >= System.Net.HttpStatusCode.InternalServerError,
        _ => !LacksCredentials(e),
    };

    private static bool LacksCredentials(Exception e) =>
        Mentions(e, "credentials") || Mentions(e, "Instance Metadata");

    private static bool Mentions(Exception e, string text) =>
        e.Message.Contains(text, StringComparison.OrdinalIgnoreCase);

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return FileErrors.OneLine(e.Message);
    }
}
