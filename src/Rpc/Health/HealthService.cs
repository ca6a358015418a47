using System.Buffers;
using Google.Protobuf;

namespace Colony.Rpc;

/// <summary>What <c>grpc.health.v1</c> says of a service, with the numbers that travel.</summary>
public enum ServingStatus
{
    /// <summary>Nothing is known yet.</summary>
    Unknown = 0,

    /// <summary>Calls are welcome.</summary>
    Serving = 1,

    /// <summary>Calls should go elsewhere.</summary>
    NotServing = 2,

    /// <summary>There is no such service; only watchers are told so.</summary>
    ServiceUnknown = 3,
}

/// <summary>
/// The health of a server and of each of its services, for probes and load balancers. The empty name stands for the
/// server as a whole and is serving from the beginning. Safe for concurrent use.
/// </summary>
public sealed class HealthService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ServingStatus> _statuses = new(StringComparer.Ordinal)
    {
        [""] = ServingStatus.Serving,
    };

    private TaskCompletionSource _changed = New();

    /// <summary>Sets the status of a service (its full name, or empty for the server) and tells its watchers.</summary>
    public void Set(string service, ServingStatus status)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _statuses[service] = status;
            changed = Interlocked.Exchange(ref _changed, New());
        }

        changed.TrySetResult();
    }

    internal void StopServing()
    {
        string[] services;
        lock (_lock)
        {
            services = [.. _statuses.Keys];
        }

        foreach (var service in services)
        {
            Set(service, ServingStatus.NotServing);
        }
    }

    internal ServingStatus Check(string service)
    {
        var (status, _) = Look(service);
        return status == ServingStatus.ServiceUnknown
            ? throw new RpcException(StatusCode.NotFound, $"There is no service '{service}' here.")
            : status;
    }

    internal async Task WatchAsync(
        string service, IRpcWriter<ServingStatus> responses, CancellationToken cancellationToken)
    {
        ServingStatus? told = null;
        while (true)
        {
            var (status, changed) = Look(service);
            if (told != status)
            {
                await responses.WriteAsync(status, cancellationToken).ConfigureAwait(false);
                told = status;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private (ServingStatus Status, Task Changed) Look(string service)
    {
        lock (_lock)
        {
            return (_statuses.GetValueOrDefault(service, ServingStatus.ServiceUnknown), _changed.Task);
        }
    }
}

/// <summary>The two methods of <c>grpc.health.v1.Health</c>, for servers and for probes.</summary>
public static class HealthMethods
{
    private const string Service = "grpc.health.v1.Health";
    private const int ServiceField = 1;
    private const int StatusField = 1;

    private static readonly Marshaller<string> Requests = new(
        static (service, head) =>
        {
            var name = System.Text.Encoding.UTF8.GetBytes(service);
            var bytes = new byte[CodedOutputStream.ComputeTagSize(ServiceField)
                + CodedOutputStream.ComputeLengthSize(name.Length) + name.Length];
            var output = new CodedOutputStream(bytes);
            output.WriteTag(ServiceField, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(name));
            output.Flush();
            head.Write(bytes);
            return ReadOnlySequence<byte>.Empty;
        },
        static (in ReadOnlySequence<byte> message) =>
        {
            var input = new CodedInputStream(message.ToArray());
            var service = "";
            for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            {
                if (tag == WireFormat.MakeTag(ServiceField, WireFormat.WireType.LengthDelimited))
                {
                    service = input.ReadString();
                }
                else
                {
                    input.SkipLastField();
                }
            }

            return service;
        });

    private static readonly Marshaller<ServingStatus> Responses = new(
        static (status, head) =>
        {
            head.Write([(byte)WireFormat.MakeTag(StatusField, WireFormat.WireType.Varint), (byte)status]);
            return ReadOnlySequence<byte>.Empty;
        },
        static (in ReadOnlySequence<byte> message) =>
        {
            var input = new CodedInputStream(message.ToArray());
            var status = ServingStatus.Unknown;
            for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            {
                if (tag == WireFormat.MakeTag(StatusField, WireFormat.WireType.Varint))
                {
                    status = (ServingStatus)input.ReadEnum();
                }
                else
                {
                    input.SkipLastField();
                }
            }

            return status;
        });

    /// <summary>Asks once; an unknown service is <see cref="StatusCode.NotFound"/>.</summary>
    public static Method<string, ServingStatus> Check { get; } =
        new(MethodKind.Unary, Service, "Check", Requests, Responses);

    /// <summary>Tells the status now and whenever it changes.</summary>
    public static Method<string, ServingStatus> Watch { get; } =
        new(MethodKind.ServerStreaming, Service, "Watch", Requests, Responses);
}
