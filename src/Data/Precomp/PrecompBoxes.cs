namespace Colony.Data;

/// <summary>
/// Boxes beside SCAN's arrays as fractions x1, y1, x2, y2 of width and height: either CAMERA's pixels for each row
/// with the sizes of the images, or one table of fractions that all images share (grid features).
/// </summary>
internal sealed class PrecompBoxes : IDisposable
{
    public const int Columns = 4;

    private readonly NpyFile? _pixels;
    private readonly NpyFile? _sizes;
    private readonly float[] _table;

    private PrecompBoxes(NpyFile? pixels, NpyFile? sizes, float[] table)
    {
        _pixels = pixels;
        _sizes = sizes;
        _table = table;
    }

    /// <summary>Opens what <see cref="DatasetOptions.Boxes"/> names.</summary>
    /// <param name="options">The data section.</param>
    /// <param name="prefix">What the names of a split's files begin with: <c>{split}_</c>.</param>
    /// <param name="rows">Rows of the features.</param>
    /// <param name="regions">Regions of a row.</param>
    /// <param name="featuresPath">The features, for errors.</param>
    public static PrecompBoxes Open(DatasetOptions options, string prefix, long rows, int regions, string featuresPath)
        => options.Boxes.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)
            ? OpenTable(options.InFolder(options.Boxes), regions, featuresPath)
            : OpenPixels(
                options.InFolder($"{prefix}{options.Boxes}.npy"),
                options.InFolder($"{prefix}img_sizes.npy"),
                rows,
                regions,
                featuresPath);

    /// <summary>Whether <see cref="Size"/> can be asked for.</summary>
    public bool HasSizes => _sizes is not null;

    /// <summary>Writes width and height of the image of one row of the features.</summary>
    public void Size(long row, Span<float> size) => _sizes!.ReadRow(row, size);

    /// <summary>Writes the boxes of one row of the features.</summary>
    public void Read(long row, Span<float> destination)
    {
        if (_pixels is null || _sizes is null)
        {
            _table.CopyTo(destination);
            return;
        }

        Span<float> size = stackalloc float[2];
        _sizes.ReadRow(row, size);
        _pixels.ReadRow(row, destination);
        Scale(destination, Columns, size[0], size[1], $"{_sizes.Path}: row {row}");
    }

    /// <summary>Pixels to fractions, in place.</summary>
    public static void Scale(Span<float> boxes, int columns, float width, float height, string place)
    {
        if (!(width > 0 && height > 0))
        {
            throw DataException.In(place, $"an image of {width} by {height} pixels; correct its size");
        }

        for (var at = 0; at < boxes.Length; at += columns)
        {
            boxes[at] /= width;
            boxes[at + 1] /= height;
            boxes[at + 2] /= width;
            boxes[at + 3] /= height;
        }
    }

    public void Dispose()
    {
        _pixels?.Dispose();
        _sizes?.Dispose();
    }

    private static PrecompBoxes OpenTable(string path, int regions, string featuresPath)
    {
        using var file = NpyFile.Open(path)
            .WithShape([regions, Columns], $"({regions}, {Columns}), one box for each region of {featuresPath},");
        var table = new float[regions * Columns];
        for (var region = 0; region < regions; region++)
        {
            file.ReadRow(region, table.AsSpan(region * Columns, Columns));
        }

        return new PrecompBoxes(null, null, table);
    }

    private static PrecompBoxes OpenPixels(string path, string sizesPath, long rows, int regions, string featuresPath)
    {
        var pixels = NpyFile.Open(path);
        NpyFile? sizes = null;
        try
        {
            pixels.WithShape([rows, regions, Columns], $"({rows}, {regions}, {Columns}), as {featuresPath} has it,");
            sizes = NpyFile.Open(sizesPath);
            sizes.WithShape([rows, 2], $"({rows}, 2), width and height of each row of {featuresPath},");
            return new PrecompBoxes(pixels, sizes, []);
        }
        catch
        {
            sizes?.Dispose();
            pixels.Dispose();
            throw;
        }
    }
}
