namespace Colony.Collective;

/// <summary>A piece of memory that holds integers of one width, little-endian, to be summed in place.</summary>
/// <param name="Memory">Whole elements; outside the managed heap unless a test says otherwise.</param>
/// <param name="ElementBytes">Bytes of one element: 1, 2, 4 or 8.</param>
public readonly record struct IntegerRun(Memory<byte> Memory, int ElementBytes);
