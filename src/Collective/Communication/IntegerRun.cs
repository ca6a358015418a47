namespace Colony.Collective;

/// <summary>A piece of memory that holds integers of one width, little-endian, to be summed in place.</summary>
/// <param name="Memory">Whole elements; outside the managed heap unless a test says otherwise.</param>
/// <param name="IsWide">64-bit elements, otherwise 32-bit.</param>
public readonly record struct IntegerRun(Memory<byte> Memory, bool IsWide)
{
    /// <summary>Bytes of one element.</summary>
    public int ElementBytes => IsWide ? sizeof(long) : sizeof(int);
}
