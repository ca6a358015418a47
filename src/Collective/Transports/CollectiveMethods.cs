using Colony.Protos.V1;
using Colony.Rpc;

namespace Colony.Collective;

/// <summary>The RPC that members exchange chunks with, on both sides.</summary>
internal static class CollectiveMethods
{
    /// <summary><c>colony.v1.Collective/Exchange</c>, its payload read and written in place.</summary>
    public static Method<ChunkMessage, ChunkAck> Exchange { get; } = RpcMethods.Find(
        CollectiveReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("Collective"),
        "Exchange",
        new Marshaller<ChunkMessage>(ChunkCodec.Write, ChunkCodec.Read),
        Marshallers.For<ChunkAck>());
}
