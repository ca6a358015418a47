namespace Colony.Data;

/// <summary>An image as a file of captions lists it.</summary>
/// <param name="Row">Its place among all images of the file: its row where one array holds them all.</param>
/// <param name="Split">The split that the file puts it in; empty where lists of their own do that.</param>
/// <param name="Image">Its names.</param>
/// <param name="Captions">Its captions in the file's order, the first ones that a job may ask for.</param>
/// <param name="Place">Where the file speaks of it, for errors.</param>
internal sealed record ListedImage(
    int Row, string Split, AnnotatedImage Image, IReadOnlyList<AnnotatedCaption> Captions, string Place);

/// <summary>A file with the captions of all splits: Karpathy's JSON or Flickr's token file.</summary>
internal abstract class CaptionFile(string path, DatasetOptions options)
{
    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>All images of the file, in its order.</summary>
    public abstract int Count { get; }

    /// <summary>The data section.</summary>
    protected DatasetOptions Options => options;

    /// <summary>The images of a split with as many captions as the job wants of each; those beyond are left out, as
    /// the published loaders do.</summary>
    /// <exception cref="DataException">There is no such split, or an image has too few captions.</exception>
    public IReadOnlyList<ListedImage> Of(string split)
    {
        var images = Choose(split);
        foreach (var image in images)
        {
            if (image.Captions.Count < options.CaptionsPerImage)
            {
                throw DataException.In(
                    image.Place,
                    $"the image {image.Image.FileName} has {image.Captions.Count} captions and captions_per_image is "
                    + $"{options.CaptionsPerImage}; take the image out of the split, or ask for fewer captions");
            }
        }

        return images;
    }

    /// <summary>The captions of a split, image-major.</summary>
    public IEnumerable<AnnotatedCaption> CaptionsOf(string split) => Captions(Of(split));

    /// <summary>The captions of images, image-major.</summary>
    public IEnumerable<AnnotatedCaption> Captions(IEnumerable<ListedImage> images) =>
        images.SelectMany(image => image.Captions.Take(options.CaptionsPerImage));

    /// <summary>The images of a split, at least one.</summary>
    protected abstract IReadOnlyList<ListedImage> Choose(string split);
}
