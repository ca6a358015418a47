using System.IO.MemoryMappedFiles;

namespace Colony.Data;

/// <summary>
/// An <c>.npy</c> file on disk, memory-mapped and read row by row as float32. Opening checks the header against the
/// file's length; reading a row checks that all of it is finite, while it is in the processor's cache anyway.
/// Reading is thread-safe.
/// </summary>
internal sealed class NpyFile : IDisposable
{
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;

    private NpyFile(string path, NpyHeader header, MemoryMappedFile? map)
    {
        Path = path;
        Header = header;
        RowLength = header.Rows == 0 ? 0 : header.Count / header.Rows;
        _map = map;
        _view = map?.CreateViewAccessor(0, header.DataOffset + header.DataBytes, MemoryMappedFileAccess.Read);
    }

    public string Path { get; }

    public NpyHeader Header { get; }

    public long Rows => Header.Rows;

    /// <summary>Elements in a row.</summary>
    public long RowLength { get; }

    /// <summary>Opens a file for reading, or says in one sentence why not.</summary>
    public static NpyFile Open(string path)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.CannotRead(path, error);
        }

        try
        {
            var front = new byte[(int)Math.Min(stream.Length, NpyHeader.MaxPrefixBytes)];
            stream.ReadExactly(front);
            var header = NpyHeader.Parse(front, path);
            header.CheckLength(stream.Length, path);
            var map = header.Count == 0
                ? null
                : MemoryMappedFile.CreateFromFile(
                    stream, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            if (map is null)
            {
                stream.Dispose();
            }

            return new NpyFile(path, header, map);
        }
        catch (IOException error)
        {
            stream.Dispose();
            throw FileErrors.CannotRead(path, error);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Refuses, and closes, a file whose shape is not of the wanted form.</summary>
    /// <param name="wanted">The sizes; −1 stands for any.</param>
    /// <param name="meaning">What the file should be, for the error.</param>
    public NpyFile WithShape(ReadOnlySpan<long> wanted, string meaning)
    {
        var fits = Header.Shape.Count == wanted.Length;
        for (var i = 0; fits && i < wanted.Length; i++)
        {
            fits = wanted[i] < 0 || wanted[i] == Header.Shape[i];
        }

        if (!fits)
        {
            Dispose();
            throw DataException.In(Path, $"has the shape {Header.ShapeText}, and {meaning} is needed");
        }

        return this;
    }

    /// <summary>Reads one row, refusing NaN and infinities.</summary>
    public void ReadRow(long row, Span<float> destination)
    {
        if (row < 0 || row >= Rows)
        {
            throw new ArgumentOutOfRangeException(nameof(row), row, $"{Path} has {Rows} rows.");
        }

        if (destination.Length != RowLength)
        {
            throw new ArgumentException(
                $"A row of {Path} has {RowLength} values and the destination {destination.Length}.",
                nameof(destination));
        }

        if (_view is null || RowLength == 0)
        {
            return;
        }

        var bytes = (int)(RowLength * Header.Type.Size());
        var start = Header.DataOffset + (row * bytes);
        Copy(start, bytes, destination);
        var bad = NpyConvert.IndexOfNonFinite(destination);
        if (bad >= 0)
        {
            throw DataException.In(
                Path, $"row {row} holds {destination[bad]} at value {bad}; extract the features of that row again");
        }
    }

    /// <summary>Reads an id exactly, which float32 could not hold: a row of one whole number.</summary>
    public long ReadWhole(long row)
    {
        if (RowLength != 1 || Header.Type is not (NpyType.Int64 or NpyType.Int32))
        {
            throw DataException.In(Path, $"whole numbers (<i8 or <i4) are needed, and it holds {Header.Type.Descr()}");
        }

        Span<byte> bytes = stackalloc byte[8];
        var size = Header.Type.Size();
        _view!.SafeMemoryMappedViewHandle.ReadSpan((ulong)(Header.DataOffset + (row * size)), bytes[..size]);
        return size == 4
            ? System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(bytes)
            : System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    /// <summary>Whether two rows hold the same bytes.</summary>
    public bool SameRows(long one, long other)
    {
        Span<float> a = new float[RowLength];
        Span<float> b = new float[RowLength];
        ReadRow(one, a);
        ReadRow(other, b);
        return a.SequenceEqual(b);
    }

    public void Dispose()
    {
        _view?.Dispose();
        _map?.Dispose();
    }

    private unsafe void Copy(long start, int bytes, Span<float> destination)
    {
        // The handle counts users, so a reader that races with Dispose gets ObjectDisposedException, not freed
        // memory.
        var handle = _view!.SafeMemoryMappedViewHandle;
        byte* memory = null;
        try
        {
            handle.AcquirePointer(ref memory);
            NpyConvert.ToSingle(new ReadOnlySpan<byte>(memory + start, bytes), Header.Type, destination);
        }
        finally
        {
            if (memory is not null)
            {
                handle.ReleasePointer();
            }
        }
    }
}
