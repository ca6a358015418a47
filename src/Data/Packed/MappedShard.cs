using System.Runtime.InteropServices;
using Colony.Storage;

namespace Colony.Data;

/// <summary>The rows that the captions file and the index say a shard has.</summary>
/// <param name="Regions">Regions of each image.</param>
/// <param name="Tokens">Tokens of each caption; empty without token features.</param>
internal readonly record struct ShardRows(ReadOnlyMemory<int> Regions, ReadOnlyMemory<int> Tokens);

/// <summary>
/// A shard mapped into memory, its tensors checked against what the index and the captions file say of them. Rows are
/// converted straight from the mapping.
/// </summary>
internal sealed class MappedShard : IDisposable
{
    public const string FeaturesName = "features";
    public const string RegionsName = "regions";
    public const string BoxesName = "boxes";
    public const string SizesName = "image_sizes";
    public const string TokensName = "tokens";
    public const string TokenCountsName = "token_counts";

    private readonly SafetensorsReader _reader;
    private readonly HeldFile _file;
    private readonly NpyType _type;
    private readonly ReadOnlyMemory<byte> _features;
    private readonly ReadOnlyMemory<byte> _boxes;
    private readonly ReadOnlyMemory<byte> _sizes;
    private readonly ReadOnlyMemory<byte> _tokens;

    private MappedShard(SafetensorsReader reader, HeldFile file, PackIndex index, ShardRows rows, string place)
    {
        (_reader, _file, Place) = (reader, file, place);
        _type = index.Type == SafetensorsType.F16 ? NpyType.Float16 : NpyType.Float32;
        var images = rows.Regions.Length;
        _features = Take(FeaturesName, index.Type, Sum(rows.Regions), index.FeatureDim);
        CheckCounts(RegionsName, rows.Regions);
        _boxes = index.BoxColumns > 0
            ? Take(BoxesName, SafetensorsType.F32, Sum(rows.Regions), index.BoxColumns)
            : default;
        _sizes = index.HasSizes ? Take(SizesName, SafetensorsType.F32, images, 2) : default;
        if (index.WordDim > 0)
        {
            _tokens = Take(TokensName, index.Type, Sum(rows.Tokens), index.WordDim);
            CheckCounts(TokenCountsName, rows.Tokens);
        }
    }

    /// <summary>What to call the shard in messages.</summary>
    public string Place { get; }

    /// <summary>Maps a shard; the file is let go of with it.</summary>
    public static MappedShard Open(HeldFile file, PackIndex index, ShardRows rows, string place)
    {
        SafetensorsReader? reader = null;
        try
        {
            reader = file.Map();
            return new MappedShard(reader, file, index, rows, place);
        }
        catch (Exception error)
        {
            reader?.Dispose();
            file.Dispose();
            throw error is StorageException ? DataException.In(place, error.Message, error) : error;
        }
    }

    /// <summary>Says that feature rows will be read next.</summary>
    /// <param name="firstRow">The first row of the shard's features.</param>
    /// <param name="rows">How many.</param>
    /// <param name="dim">Values of a row.</param>
    public void ExpectFeatures(long firstRow, int rows, int dim)
    {
        var row = (long)dim * _type.Size();
        if (_reader.Header.TryGet(FeaturesName, out var entry))
        {
            _reader.Expect(entry, firstRow * row, rows * row);
        }
    }

    /// <summary>Brings all of it from the disk into memory and waits for it; promises nothing.</summary>
    public void Fetch(CancellationToken cancellationToken) => _reader.Fetch(cancellationToken);

    /// <summary>Copies feature rows as float32, refusing NaN and infinities.</summary>
    /// <param name="firstRow">The first row of the shard's features.</param>
    /// <param name="dim">Values of a row.</param>
    /// <param name="destination">As many rows as it holds.</param>
    /// <param name="image">The image, for messages.</param>
    public void Features(long firstRow, int dim, Span<float> destination, string image)
        => Read(_features, firstRow * dim, destination, "image", image);

    /// <summary>Copies token rows likewise.</summary>
    public void Tokens(long firstRow, int dim, Span<float> destination, string caption)
        => Read(_tokens, firstRow * dim, destination, "caption", caption);

    /// <summary>Copies feature rows that are stored as halves, refusing NaN and infinities.</summary>
    /// <param name="firstRow">The first row of the shard's features.</param>
    /// <param name="dim">Values of a row.</param>
    /// <param name="destination">As many rows as it holds.</param>
    /// <param name="image">The image, for messages.</param>
    public void Halves(long firstRow, int dim, Span<ushort> destination, string image)
    {
        var first = checked((int)(firstRow * dim * sizeof(ushort)));
        var stored = _features.Span.Slice(first, checked(destination.Length * sizeof(ushort)));
        var bad = NpyConvert.CopyFinite(MemoryMarshal.Cast<byte, ushort>(stored), destination);
        if (bad >= 0)
        {
            throw NotFinite("image", image, (float)BitConverter.UInt16BitsToHalf(destination[bad]), bad);
        }
    }

    public void Boxes(long firstRow, int columns, Span<float> destination)
        => Copy(_boxes, firstRow * columns, destination);

    public void Size(int image, Span<float> destination) => Copy(_sizes, image * 2L, destination);

    public void Dispose()
    {
        _reader.Dispose();
        _file.Dispose();
    }

    private static long Sum(ReadOnlyMemory<int> counts)
    {
        var sum = 0L;
        foreach (var count in counts.Span)
        {
            sum += count;
        }

        return sum;
    }

    private static void Copy(ReadOnlyMemory<byte> source, long first, Span<float> destination)
        => source.Span.Slice(checked((int)(first * sizeof(float))), destination.Length * sizeof(float))
            .CopyTo(MemoryMarshal.AsBytes(destination));

    private void Read(ReadOnlyMemory<byte> source, long first, Span<float> destination, string kind, string name)
    {
        var size = _type.Size();
        var bytes = source.Span.Slice(checked((int)(first * size)), checked(destination.Length * size));
        NpyConvert.ToSingle(bytes, _type, destination);

        // Halves are looked through as they are stored: half the bytes, and just read.
        var bad = _type == NpyType.Float16
            ? NpyConvert.IndexOfNonFinite(MemoryMarshal.Cast<byte, ushort>(bytes))
            : NpyConvert.IndexOfNonFinite(destination);
        if (bad >= 0)
        {
            throw NotFinite(kind, name, destination[bad], bad);
        }
    }

    private DataException NotFinite(string kind, string name, float value, int at)
        => DataException.In(Place, $"{kind} {name} holds {value} at value {at}; copy the shard again");

    private ReadOnlyMemory<byte> Take(string name, SafetensorsType type, long rows, int columns)
    {
        if (!_reader.Header.TryGet(name, out var entry))
        {
            throw Differs($"has no tensor '{name}'");
        }

        return entry.Type == type && entry.Shape is [var r, var c] && r == rows && c == columns
            ? _reader.Bytes(name)
            : throw Differs($"'{name}' is {entry.Type} ({string.Join(", ", entry.Shape)}), and the index and the "
                + $"captions file say {type} ({rows}, {columns})");
    }

    private void CheckCounts(string name, ReadOnlyMemory<int> wanted)
    {
        if (!_reader.Header.TryGet(name, out var entry) || entry.Type != SafetensorsType.I32
            || entry.Shape is not [var count] || count != wanted.Length
            || !_reader.Bytes(name).Span.SequenceEqual(MemoryMarshal.AsBytes(wanted.Span)))
        {
            throw Differs($"'{name}' is not what the captions file says");
        }
    }

    private DataException Differs(string problem)
        => DataException.In(Place, $"{problem}; it is of another pack: copy or pack the data again");
}
