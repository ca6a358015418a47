namespace Colony.Storage;

/// <summary>What a header says of one tensor.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its sizes, slowest first; empty for a scalar.</param>
/// <param name="Begin">Its first byte, counted from the end of the header.</param>
/// <param name="End">The byte after its last.</param>
public sealed record SafetensorsEntry(
    string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>Bytes of the tensor.</summary>
    public long Bytes => End - Begin;
}

/// <summary>A tensor to write, or one that has been read: contiguous, row-major, little-endian.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its sizes, slowest first; empty for a scalar.</param>
/// <param name="Bytes">Its elements. Never copied by the writer, so they must not change while it writes.</param>
public sealed record TensorData(
    string Name, SafetensorsType Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Bytes);

/// <summary>A file is not safetensors, or is damaged. One line: which file, where in it, what to do.</summary>
public sealed class SafetensorsException : StorageException
{
    /// <summary>A defect of <paramref name="source"/>.</summary>
    public SafetensorsException(string source, string problem, Exception? cause = null)
        : base($"'{source}' is not a whole safetensors file: {problem}; fetch or write it again.", cause)
    {
    }
}
