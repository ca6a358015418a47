using System.Runtime.InteropServices;
using Colony.Storage;

namespace Colony.Data;

/// <summary>Puts the tensors of a shard together. Its buffers serve one shard after another.</summary>
internal sealed class ShardBuilder(bool float32)
{
    private byte[] _features = [];
    private byte[] _tokens = [];
    private float[] _row = [];

    private int ElementBytes => float32 ? sizeof(float) : sizeof(ushort);

    private SafetensorsType Type => float32 ? SafetensorsType.F32 : SafetensorsType.F16;

    /// <summary>The tensors of some images; valid until the next call.</summary>
    /// <param name="source">The images of the split.</param>
    /// <param name="rows">The chosen ones, read.</param>
    /// <param name="tokens">Their captions as token features, or null.</param>
    /// <param name="first">The split's first of these images.</param>
    /// <param name="place">What to call the split in messages.</param>
    public IReadOnlyList<TensorData> Build(
        IImages source, ImageRows rows, CaptionRows<float>? tokens, int first, string place)
    {
        var regions = new int[rows.Count];
        for (var i = 0; i < regions.Length; i++)
        {
            regions[i] = rows.Regions(i);
        }

        var total = regions.Sum(count => (long)count);
        var tensors = new List<TensorData>
        {
            new(
                MappedShard.FeaturesName,
                Type,
                [total, source.FeatureDim],
                Rows(
                    ref _features, regions, source.FeatureDim, rows.Features,
                    i => $"{place}: image {source.Id(first + i)}")),
            Counts(MappedShard.RegionsName, regions),
        };
        if (source.BoxColumns > 0)
        {
            tensors.Add(Floats(MappedShard.BoxesName, regions, total, source.BoxColumns, rows.Boxes));
        }

        if (source.HasSizes)
        {
            tensors.Add(Floats(MappedShard.SizesName, [.. regions.Select(_ => 1)], regions.Length, 2, rows.Size));
        }

        if (tokens is not null)
        {
            var lengths = new int[tokens.Count];
            for (var i = 0; i < lengths.Length; i++)
            {
                lengths[i] = tokens.Length(i);
            }

            var perImage = lengths.Length / regions.Length;
            tensors.Add(new TensorData(
                MappedShard.TokensName,
                Type,
                [lengths.Sum(count => (long)count), tokens.Width],
                Rows(
                    ref _tokens, lengths, tokens.Width, tokens.Fill,
                    i => $"{place}: caption {i % perImage} of image {source.Id(first + (i / perImage))}")));
            tensors.Add(Counts(MappedShard.TokenCountsName, lengths));
        }

        return tensors;
    }

    private delegate void Fill(int position, Span<float> row);

    private ReadOnlyMemory<byte> Rows(
        ref byte[] buffer, int[] counts, int dim, Fill fill, Func<int, string> name)
    {
        var bytes = counts.Sum(count => (long)count) * dim * ElementBytes;
        if (bytes > PackIndex.MaxShardBytes / 2)
        {
            throw new DataException(
                $"{name(0)} and {counts.Length - 1} more make a shard of {bytes} bytes, more than "
                + $"{PackIndex.MaxShardBytes / 2}; pack fewer images a shard (--images-per-shard).");
        }

        if (buffer.Length < bytes)
        {
            buffer = new byte[bytes];
        }

        var at = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            var values = counts[i] * dim;
            if (_row.Length < values)
            {
                _row = new float[values];
            }

            fill(i, _row.AsSpan(0, values));
            Write(_row.AsSpan(0, values), buffer.AsSpan(at, values * ElementBytes), i, name);
            at += values * ElementBytes;
        }

        return buffer.AsMemory(0, at);
    }

    private void Write(ReadOnlySpan<float> values, Span<byte> destination, int item, Func<int, string> name)
    {
        if (float32)
        {
            MemoryMarshal.AsBytes(values).CopyTo(destination);
            return;
        }

        var halves = MemoryMarshal.Cast<byte, ushort>(destination);
        for (var i = 0; i < values.Length; i++)
        {
            var half = (Half)values[i];
            if (!Half.IsFinite(half))
            {
                throw new DataException(
                    $"{name(item)} holds {values[i]} at value {i}, beyond float16's largest, {Half.MaxValue}; pack "
                    + "with --type float32.");
            }

            halves[i] = BitConverter.HalfToUInt16Bits(half);
        }
    }

    private static TensorData Counts(string name, int[] counts)
        => new(name, SafetensorsType.I32, [counts.Length], MemoryMarshal.AsBytes(counts.AsSpan()).ToArray());

    private static TensorData Floats(string name, int[] counts, long total, int columns, Fill fill)
    {
        var values = new float[checked((int)(total * columns))];
        var at = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            fill(i, values.AsSpan(at, counts[i] * columns));
            at += counts[i] * columns;
        }

        return new TensorData(
            name, SafetensorsType.F32, [total, columns], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
