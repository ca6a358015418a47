using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Colony.Rpc;

/// <summary>
/// Methods out of the descriptors that protoc generates, so that the .proto file stays the only contract.
/// </summary>
public static class RpcMethods
{
    /// <summary>The method of that name, with the generated messages on both sides.</summary>
    /// <exception cref="ArgumentException">The service has no such method, or its messages are other types.</exception>
    public static Method<TRequest, TResponse> Find<TRequest, TResponse>(ServiceDescriptor service, string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        var method = Descriptor(service, name);
        Check(method.InputType, typeof(TRequest), service, name);
        Check(method.OutputType, typeof(TResponse), service, name);
        return Build(method, Marshallers.For<TRequest>(), Marshallers.For<TResponse>());
    }

    /// <summary>
    /// The method of that name with marshallers of one's own, as for messages that carry tensors
    /// (<see cref="Marshallers.WithPayload{THeader}"/>).
    /// </summary>
    /// <exception cref="ArgumentException">The service has no such method.</exception>
    public static Method<TRequest, TResponse> Find<TRequest, TResponse>(
        ServiceDescriptor service, string name, Marshaller<TRequest> requests, Marshaller<TResponse> responses) =>
        Build(Descriptor(service, name), requests, responses);

    private static MethodDescriptor Descriptor(ServiceDescriptor service, string name)
    {
        ArgumentNullException.ThrowIfNull(service);
        return service.FindMethodByName(name)
            ?? throw new ArgumentException($"The service {service.FullName} has no method '{name}'.", nameof(name));
    }

    private static void Check(MessageDescriptor declared, Type given, ServiceDescriptor service, string name)
    {
        if (declared.ClrType != given)
        {
            throw new ArgumentException(
                $"{service.FullName}/{name} is declared with {declared.ClrType}, not with {given}.");
        }
    }

    private static Method<TRequest, TResponse> Build<TRequest, TResponse>(
        MethodDescriptor method, Marshaller<TRequest> requests, Marshaller<TResponse> responses)
    {
        var kind = (method.IsClientStreaming, method.IsServerStreaming) switch
        {
            (false, false) => MethodKind.Unary,
            (false, true) => MethodKind.ServerStreaming,
            (true, false) => MethodKind.ClientStreaming,
            (true, true) => MethodKind.Duplex,
        };
        return new Method<TRequest, TResponse>(kind, method.Service.FullName, method.Name, requests, responses);
    }
}
