namespace Colony.Data;

/// <summary>The images of a split, wherever their features lie.</summary>
internal interface IImages : IDisposable
{
    int Count { get; }

    int FeatureDim { get; }

    /// <summary>Numbers of a box: 4, or 5 as kaylode has them; 0 where there are no boxes.</summary>
    int BoxColumns { get; }

    /// <summary>Whether the width and height that boxes were scaled by are known, image by image.</summary>
    bool HasSizes { get; }

    string Id(int image);

    /// <summary>Opens the images of one batch.</summary>
    ImageRows Rows(ReadOnlySpan<int> images);
}

/// <summary>The images of one batch, ready to be written into its tensors.</summary>
internal abstract class ImageRows
{
    public abstract int Count { get; }

    public abstract int Regions(int position);

    /// <summary>Writes Regions·FeatureDim values.</summary>
    public abstract void Features(int position, Span<float> rows);

    /// <summary>Writes Regions·BoxColumns values; never called without boxes.</summary>
    public abstract void Boxes(int position, Span<float> rows);

    /// <summary>Writes width and height in pixels; never called where they are not known.</summary>
    public abstract void Size(int position, Span<float> size);
}
