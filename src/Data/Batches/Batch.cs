using Colony.Torch;

namespace Colony.Data;

/// <summary>
/// Fills the tensors of a batch, in libtorch's own memory. What is behind a length is zero; an empty slice still has
/// one padded place, because models do not all take a dimension of size 0.
/// </summary>
internal static class Batch
{
    public static void AddImages(NamedTensors batch, ImageRows images, IImages source, DatasetOptions options)
    {
        // With the slot of I-CLS, the regions start in row 1 and their number counts it.
        var front = options.ImageClsRow ? 1 : 0;
        var (count, dim, columns) = (images.Count, source.FeatureDim, source.BoxColumns);
        var longest = 1;
        for (var i = 0; i < count; i++)
        {
            longest = Math.Max(longest, images.Regions(i) + front);
        }

        // The one large tensor is not zeroed first: every row is either written or cleared below. What is stored as
        // halves stays so until it is on its device, unless something is to be computed with it here.
        var halves = source.HoldsHalves && !options.NormalizeImages;
        var features = Add(
            batch, "features",
            torch.empty([count, longest, dim], halves ? ScalarType.Float16 : ScalarType.Float32));
        var boxes = columns == 0
            ? default
            : Add(batch, "boxes", [count, longest, columns], ScalarType.Float32).data<float>();
        var sizes = source.HasSizes
            ? Add(batch, "image_sizes", [count, 2], ScalarType.Float32).data<float>()
            : default;
        var lengths = Add(batch, "feat_len", [count], ScalarType.Int64).data<long>();
        for (var nth = 0; nth < count; nth++)
        {
            var i = images.Position(nth);
            if (source.HasSizes)
            {
                images.Size(i, sizes.Slice(i * 2, 2));
            }

            var (first, regions) = ((i * longest) + front, images.Regions(i));
            if (halves)
            {
                images.Halves(i, Rows(features.data<ushort>(), i, longest, front, regions, dim));
            }
            else
            {
                var rows = Rows(features.data<float>(), i, longest, front, regions, dim);
                images.Features(i, rows);
                if (options.NormalizeImages)
                {
                    Normalize(rows, dim);
                }
            }

            if (columns > 0)
            {
                images.Boxes(i, boxes.Slice(first * columns, regions * columns));
            }

            lengths[i] = regions + front;
        }
    }

    public static void AddCaptions(NamedTensors batch, CaptionRows captions)
    {
        switch (captions)
        {
            case CaptionRows<long> ids:
                var longest = Longest(ids);
                var words = Add(batch, "captions", [ids.Count, longest], ScalarType.Int64).data<long>();
                Fill(ids, words, longest);
                break;
            case CaptionRows<float> vectors:
                longest = Longest(vectors);
                var shape = new long[] { vectors.Count, longest, vectors.Width };
                Fill(vectors, Add(batch, "cap_features", shape, ScalarType.Float32).data<float>(), longest);
                break;
            default:
                throw new ArgumentException($"Rows of {captions.GetType()} have no tensor.", nameof(captions));
        }

        var lengths = Add(batch, "cap_len", [captions.Count], ScalarType.Int64).data<long>();
        for (var i = 0; i < captions.Count; i++)
        {
            lengths[i] = captions.Length(i);
        }
    }

    /// <summary>A number for each row.</summary>
    public static void AddNumbers(NamedTensors batch, string name, ReadOnlySpan<int> numbers)
    {
        var ids = Add(batch, name, [numbers.Length], ScalarType.Int64).data<long>();
        for (var i = 0; i < numbers.Length; i++)
        {
            ids[i] = numbers[i];
        }
    }

    /// <summary>Divides each row by its Euclidean norm, summed in order in double so that every machine gets the
    /// same.</summary>
    internal static void Normalize(Span<float> rows, int dim)
    {
        for (var at = 0; at < rows.Length; at += dim)
        {
            var row = rows.Slice(at, dim);
            double squares = 0;
            foreach (var value in row)
            {
                squares += (double)value * value;
            }

            // A row of zeros has no direction; it stays what it is instead of becoming NaN.
            var norm = squares > 0 ? Math.Sqrt(squares) : 1;
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = (float)(row[i] / norm);
            }
        }
    }

    /// <summary>The rows of an image's regions; those before and behind them are cleared.</summary>
    private static Span<T> Rows<T>(Span<T> features, int image, int longest, int front, int regions, int dim)
        where T : unmanaged
    {
        var all = features.Slice(checked(image * longest * dim), longest * dim);
        all[..(front * dim)].Clear();
        all[((front + regions) * dim)..].Clear();
        return all.Slice(front * dim, regions * dim);
    }

    private static Tensor Add(NamedTensors batch, string name, ReadOnlySpan<long> shape, ScalarType type)
        => Add(batch, name, torch.zeros(shape, type));

    private static Tensor Add(NamedTensors batch, string name, Tensor tensor)
    {
        batch.Add(name, tensor);
        return tensor;
    }

    private static int Longest(CaptionRows captions)
    {
        var longest = 1;
        for (var i = 0; i < captions.Count; i++)
        {
            longest = Math.Max(longest, captions.Length(i));
        }

        return longest;
    }

    private static void Fill<T>(CaptionRows<T> captions, Span<T> tensor, int longest)
        where T : unmanaged
    {
        for (var nth = 0; nth < captions.Count; nth++)
        {
            var i = captions.Position(nth);
            captions.Fill(i, tensor.Slice(checked(i * longest * captions.Width), captions.Length(i) * captions.Width));
        }
    }
}
