using Colony.Protos.V1;

namespace Colony.Collective;

/// <summary>All of a <c>colony.v1.Chunk</c> but its payload; what tells one chunk from every other.</summary>
/// <param name="Generation">The fencing token: a receiver refuses every generation but its own.</param>
/// <param name="Step">The step that the chunk belongs to.</param>
/// <param name="Phase">The part of the step.</param>
/// <param name="Segment">The ring segment, or the member whose block it is.</param>
/// <param name="Offset">Bytes of the segment before this chunk.</param>
/// <param name="Total">Bytes of the segment in all.</param>
/// <param name="Sender">The member that sends, by its place in the generation.</param>
public readonly record struct ChunkHeader(
    ulong Generation, long Step, Phase Phase, uint Segment, ulong Offset, ulong Total, uint Sender);
