using Google.Protobuf.Reflection;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>The services of the .proto files by name.</summary>
internal static class Services
{
    public static ServiceDescriptor Coordination { get; } =
        Proto.CoordinationReflection.Descriptor.FindTypeByName<ServiceDescriptor>("Coordination");
}
