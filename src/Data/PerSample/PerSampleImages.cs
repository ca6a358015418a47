namespace Colony.Data;

/// <summary>
/// Images with a feature file each, and a box file each where there are boxes. Files are read when a batch wants
/// them, so a broken one is reported when it is met, by name. Region counts may differ from image to image.
/// </summary>
internal sealed class PerSampleImages : IImages
{
    private readonly IReadOnlyList<AnnotatedImage> _images;
    private readonly string _features;
    private readonly string? _boxes;
    private readonly bool _byStem;
    private readonly bool _scaled;

    public PerSampleImages(DatasetOptions options, IReadOnlyList<AnnotatedImage> images)
    {
        _images = images;
        _features = options.InFolder(options.Features);
        _boxes = options.Boxes.Length == 0 ? null : options.InFolder(options.Boxes);
        _byStem = string.Equals(options.NamedBy, "stem", StringComparison.Ordinal);
        _scaled = string.Equals(options.BoxScale, "fractions", StringComparison.Ordinal);

        // The first image tells the sizes; all others are held against them.
        var first = Read(0);
        FeatureDim = (int)first.Features.Shape[1];
        BoxColumns = first.Boxes is null ? 0 : (int)first.Boxes.Shape[1];
    }

    public int Count => _images.Count;

    public int FeatureDim { get; }

    public int BoxColumns { get; }

    public bool HasSizes => _boxes is not null && _scaled;

    public string Id(int image) => _images[image].FileName ?? Name(image);

    public ImageRows Rows(ReadOnlySpan<int> images, CancellationToken cancellationToken)
    {
        var read = new Sample[images.Length];
        for (var i = 0; i < images.Length; i++)
        {
            read[i] = Read(images[i]);
            if (read[i].Features.Shape[1] != FeatureDim)
            {
                throw DataException.In(
                    read[i].Path, $"has features of {read[i].Features.Shape[1]}, and the first image of {FeatureDim}");
            }

            if (read[i].Boxes is { } boxes && boxes.Shape[1] != BoxColumns)
            {
                throw DataException.In(
                    read[i].Path, $"has boxes of {boxes.Shape[1]} columns, and the first image of {BoxColumns}");
            }
        }

        return new Batch(read);
    }

    public void Dispose()
    {
    }

    private string Name(int image)
        => _byStem && _images[image].Stem.Length > 0 ? _images[image].Stem : _images[image].IdText;

    private Sample Read(int image)
    {
        var (path, features) = SampleFile.Read(_features, Name(image));
        if (features.Shape.Count == 1)
        {
            features = features with { Shape = [1, features.Shape[0]] };
        }

        if (features.Shape.Count != 2 || features.Values.Length == 0)
        {
            throw DataException.In(
                path, "regions by dimensions is needed, with at least one region, or one row of dimensions");
        }

        if (_boxes is null)
        {
            return new Sample(path, features, null, 0, 0);
        }

        var (boxPath, boxes) = SampleFile.Read(_boxes, Name(image));
        if (boxes.Shape.Count != 2 || boxes.Shape[0] != features.Shape[0] || boxes.Shape[1] < PrecompBoxes.Columns)
        {
            throw DataException.In(
                boxPath, $"has the shape ({string.Join(", ", boxes.Shape)}); {path} has {features.Shape[0]} regions, "
                + "each of which needs a box of four numbers or more");
        }

        if (_scaled)
        {
            var known = _images[image];
            var place = $"annotations of {boxPath}";
            PrecompBoxes.Scale(boxes.Values, (int)boxes.Shape[1], known.Width, known.Height, place);
        }

        return new Sample(path, features, boxes, _images[image].Width, _images[image].Height);
    }

    private sealed record Sample(string Path, NpyArray Features, NpyArray? Boxes, float Width, float Height);

    private sealed class Batch(Sample[] samples) : ImageRows
    {
        public override int Count => samples.Length;

        public override int Regions(int position) => (int)samples[position].Features.Shape[0];

        public override void Features(int position, Span<float> rows) => samples[position].Features.Values.CopyTo(rows);

        public override void Boxes(int position, Span<float> rows) => samples[position].Boxes!.Values.CopyTo(rows);

        public override void Size(int position, Span<float> size)
        {
            size[0] = samples[position].Width;
            size[1] = samples[position].Height;
        }
    }
}

/// <summary>Finds the file of one sample.</summary>
internal static class SampleFile
{
    /// <summary>Names come out of a file: they may not lead out of the folder.</summary>
    public static void CheckName(string name, string place)
    {
        if (name.AsSpan().IndexOfAny('/', '\\') >= 0 || name is "" or "." or "..")
        {
            throw DataException.In(
                place, $"a sample is named '{name}', which is no file name; correct the annotations");
        }
    }

    public static (string Path, NpyArray Array) Read(string folder, string name)
    {
        CheckName(name, folder);
        var zip = Path.Combine(folder, name + ".npz");
        var path = File.Exists(zip) ? zip : Path.Combine(folder, name + ".npy");
        if (!File.Exists(path))
        {
            throw DataException.In(
                folder, $"there is neither {name}.npz nor {name}.npy; check the features' folder and names");
        }

        return (path, NpyArray.Read(path));
    }
}
