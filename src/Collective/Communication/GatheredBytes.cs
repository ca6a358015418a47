namespace Colony.Collective;

/// <summary>What a gather of unknown sizes brought: one payload a member, outside the managed heap.</summary>
public sealed class GatheredBytes : IDisposable
{
    private readonly UnmanagedBuffer buffer;
    private readonly int[] ends;

    internal GatheredBytes(IReadOnlyList<long> sizes)
    {
        ends = new int[sizes.Count];
        var end = 0;
        for (var member = 0; member < ends.Length; member++)
        {
            end += (int)sizes[member];
            ends[member] = end;
        }

        buffer = new UnmanagedBuffer(end);
    }

    /// <summary>Members that took part.</summary>
    public int Members => ends.Length;

    internal Memory<byte> All => buffer.Memory;

    /// <summary>One member's payload; valid until this is disposed.</summary>
    public ReadOnlyMemory<byte> Of(int member)
    {
        var start = member == 0 ? 0 : ends[member - 1];
        return buffer.Memory[start..ends[member]];
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => buffer.Free();
}
