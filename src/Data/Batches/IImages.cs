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

    /// <summary>Whether features are halves where they lie, and can be copied as such.</summary>
    bool HoldsHalves => false;

    string Id(int image);

    /// <summary>Opens the images of one batch; the token lets a wait for far ones go.</summary>
    ImageRows Rows(ReadOnlySpan<int> images, CancellationToken cancellationToken);

    /// <summary>Whether all of them lie in files of this machine and are read one by one.</summary>
    bool IsAtHand => true;

    /// <summary>Says that images will be asked for soon, so that those far away can be on their way.</summary>
    void Expect(ReadOnlySpan<int> images)
    {
    }
}

/// <summary>The images of one batch, ready to be written into its tensors; disposed of when they have been.</summary>
internal abstract class ImageRows : IDisposable
{
    public abstract int Count { get; }

    /// <summary>The position that is best read as the nth: rows of one file after one another.</summary>
    public virtual int Position(int nth) => nth;

    public abstract int Regions(int position);

    /// <summary>Writes Regions·FeatureDim values.</summary>
    public abstract void Features(int position, Span<float> rows);

    /// <summary>Writes them as halves; never called without <see cref="IImages.HoldsHalves"/>.</summary>
    public virtual void Halves(int position, Span<ushort> rows) => throw new NotSupportedException();

    /// <summary>Writes Regions·BoxColumns values; never called without boxes.</summary>
    public abstract void Boxes(int position, Span<float> rows);

    /// <summary>Writes width and height in pixels; never called where they are not known.</summary>
    public abstract void Size(int position, Span<float> size);

    public virtual void Dispose()
    {
    }
}
