namespace Colony.Data;

/// <summary>Images whose features are rows of one array, images by dimensions or by regions by dimensions; mapped,
/// never loaded whole. Owns the arrays.</summary>
internal sealed class ArrayImages : IImages
{
    private readonly NpyFile _features;
    private readonly PrecompBoxes? _boxes;
    private readonly Func<int, long> _row;
    private readonly Func<int, string> _id;

    /// <param name="features">The array, from <see cref="OpenFeatures"/>.</param>
    /// <param name="boxes">Boxes of the same rows, or null.</param>
    /// <param name="count">Images.</param>
    /// <param name="row">The row of an image.</param>
    /// <param name="id">The name of an image.</param>
    public ArrayImages(
        NpyFile features, PrecompBoxes? boxes, int count, Func<int, long> row, Func<int, string> id)
    {
        (_features, _boxes, _row, _id) = (features, boxes, row, id);
        Count = count;
        Regions = RegionsOf(features);
        FeatureDim = checked((int)features.Header.Shape[^1]);
    }

    public int Count { get; }

    public int Regions { get; }

    public int FeatureDim { get; }

    public int BoxColumns => _boxes is null ? 0 : PrecompBoxes.Columns;

    public bool HasSizes => _boxes?.HasSizes == true;

    /// <summary>Opens an array of features, refusing other shapes.</summary>
    public static NpyFile OpenFeatures(string path)
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

    /// <summary>Regions of a row; a row without regions is one.</summary>
    public static int RegionsOf(NpyFile features)
        => features.Header.Shape.Count == 3 ? checked((int)features.Header.Shape[1]) : 1;

    public string Id(int image) => _id(image);

    public ImageRows Rows(ReadOnlySpan<int> images, CancellationToken cancellationToken)
        => new Batch(this, images.ToArray());

    public void Dispose()
    {
        _boxes?.Dispose();
        _features.Dispose();
    }

    private sealed class Batch(ArrayImages owner, int[] images) : ImageRows
    {
        public override int Count => images.Length;

        public override int Regions(int position) => owner.Regions;

        public override void Features(int position, Span<float> rows)
            => owner._features.ReadRow(owner._row(images[position]), rows);

        public override void Boxes(int position, Span<float> rows)
            => owner._boxes!.Read(owner._row(images[position]), rows);

        public override void Size(int position, Span<float> size)
            => owner._boxes!.Size(owner._row(images[position]), size);
    }
}
