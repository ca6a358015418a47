namespace Colony.Data;

/// <summary>The images of a split in SCAN's arrangement: one array for all features, mapped, never loaded
/// whole.</summary>
internal sealed class PrecompImages : IImages
{
    private readonly NpyFile _features;
    private readonly PrecompBoxes? _boxes;
    private readonly string[]? _ids;
    private readonly int _rowsPerImage;

    private PrecompImages(NpyFile features, PrecompBoxes? boxes, string[]? ids, int rowsPerImage, int images)
    {
        _features = features;
        _boxes = boxes;
        _ids = ids;
        _rowsPerImage = rowsPerImage;
        Count = images;
        Regions = RegionsOf(features);
        FeatureDim = checked((int)features.Header.Shape[^1]);
    }

    public int Count { get; }

    public int Regions { get; }

    public int FeatureDim { get; }

    public int BoxColumns => _boxes is null ? 0 : PrecompBoxes.Columns;

    public bool HasSizes => _boxes?.HasSizes == true;

    /// <summary>Opens the arrays of a split and checks that they and the captions go together.</summary>
    public static PrecompImages Open(DatasetOptions options, string split, int captions, string captionsPath)
    {
        var features = OpenFeatures(options.InFolder($"{split}_{options.Features}.npy"));
        PrecompBoxes? boxes = null;
        try
        {
            var rowsPerImage = RowsPerImage(features, captions, options.CaptionsPerImage, captionsPath);
            var images = (int)(features.Rows / rowsPerImage);
            if (options.Boxes.Length > 0)
            {
                boxes = PrecompBoxes.Open(options, split, features.Rows, RegionsOf(features), features.Path);
            }

            var ids = ReadIds(options.InFolder($"{split}_ids.txt"), images, rowsPerImage, features.Path);
            var taken = options.MaxImages > 0 ? Math.Min(options.MaxImages, images) : images;
            return new PrecompImages(features, boxes, ids, rowsPerImage, taken);
        }
        catch
        {
            boxes?.Dispose();
            features.Dispose();
            throw;
        }
    }

    public string Id(int image)
        => _ids?[image] ?? image.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public ImageRows Rows(ReadOnlySpan<int> images) => new Batch(this, images.ToArray());

    public void Dispose()
    {
        _boxes?.Dispose();
        _features.Dispose();
    }

    /// <summary>
    /// SCAN's rule: as many rows as captions means that every image is there once for each of its captions. That is
    /// taken on the numbers' word by the published loaders; here the first and the last image must really repeat.
    /// </summary>
    private static int RowsPerImage(NpyFile features, int captions, int perImage, string captionsPath)
    {
        if (features.Rows * perImage == captions)
        {
            return 1;
        }

        if (features.Rows != captions || captions % perImage != 0)
        {
            throw DataException.In(
                captionsPath,
                $"has {captions} captions and {features.Path} {features.Rows} rows; {perImage} captions an image need "
                + $"{features.Rows * perImage} captions, or as many rows as captions with every image "
                + $"{perImage} times");
        }

        foreach (var first in new[] { 0L, features.Rows - perImage })
        {
            if (!features.SameRows(first, first + perImage - 1))
            {
                throw DataException.In(
                    features.Path,
                    $"has as many rows as there are captions ({captions}), yet "
                    + $"rows {first} and {first + perImage - 1} are "
                    + $"not the same image; if every image has one caption, say captions_per_image: 1");
            }
        }

        return perImage;
    }

    private static NpyFile OpenFeatures(string path)
    {
        var file = NpyFile.Open(path);
        if (file.Header.Shape.Count is < 2 or > 3 || file.Header.Count == 0 || file.Rows > int.MaxValue
            || file.RowLength > Array.MaxLength)
        {
            var shape = file.Header.ShapeText;
            file.Dispose();
            throw DataException.In(
                path, $"has the shape {shape}; images by dimensions, or by regions by dimensions, is needed");
        }

        return file;
    }

    private static int RegionsOf(NpyFile features)
        => features.Header.Shape.Count == 3 ? checked((int)features.Header.Shape[1]) : 1;

    private static string[]? ReadIds(string path, int images, int rowsPerImage, string featuresPath)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var lines = TextFile.ReadLines(path);
        if (lines.Length == images)
        {
            return lines;
        }

        if (lines.Length == (long)images * rowsPerImage)
        {
            return [.. Enumerable.Range(0, images).Select(image => lines[image * rowsPerImage])];
        }

        throw DataException.In(
            path,
            $"has {lines.Length} ids and {featuresPath} {images} images; give one line an image, or delete the file");
    }

    private sealed class Batch(PrecompImages owner, int[] images) : ImageRows
    {
        public override int Count => images.Length;

        public override int Regions(int position) => owner.Regions;

        public override void Features(int position, Span<float> rows)
            => owner._features.ReadRow((long)images[position] * owner._rowsPerImage, rows);

        public override void Boxes(int position, Span<float> rows)
            => owner._boxes!.Read((long)images[position] * owner._rowsPerImage, rows);

        public override void Size(int position, Span<float> size)
            => owner._boxes!.Size((long)images[position] * owner._rowsPerImage, size);
    }
}
