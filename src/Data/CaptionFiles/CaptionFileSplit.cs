namespace Colony.Data;

/// <summary>Opens both sides of a split whose captions are in one file for all splits, beside features in an array or
/// in a file an image.</summary>
internal static class CaptionFileSplit
{
    public static (IImages Images, ICaptions Captions) Open(DatasetOptions options, string split)
    {
        Check(options);
        CaptionFile file = options.Format == "karpathy" ? KarpathyFile.Read(options) : TokenFile.Read(options);
        var listed = file.Of(split);
        var taken = options.MaxImages > 0 ? Math.Min(options.MaxImages, listed.Count) : listed.Count;
        var images = OpenImages(options, split, file, listed, taken);
        try
        {
            AnnotatedCaption[] captions = [.. file.Captions(listed.Take(taken))];
            return (images, SplitCaptions.Open(
                options,
                [.. captions.Select(caption => caption.Text)],
                name => file.CaptionsOf(name).Select(caption => caption.Text),
                options.Format == "karpathy" ? () => new FeatureCaptions(options, captions) : null));
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }

    private static void Check(DatasetOptions options)
    {
        if (options.CaptionFile.Length == 0)
        {
            throw new DataException(
                $"data: format: {options.Format} needs caption_file, the "
                + (options.Format == "karpathy" ? "dataset_*.json" : "file with a caption a line") + ".");
        }

        if (options.Format == "tokens" && options.CaptionText == "tokens")
        {
            throw new DataException("data: caption_text: tokens goes with format: karpathy; take it out.");
        }
    }

    private static IImages OpenImages(
        DatasetOptions options, string split, CaptionFile file, IReadOnlyList<ListedImage> listed, int taken)
    {
        if (options.Features.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
        {
            return OpenArray(options, split, file, listed, taken);
        }

        if (options.Boxes.Length > 0 && options.BoxScale == "fractions"
            && listed.FirstOrDefault(image => !(image.Image.Width > 0 && image.Image.Height > 0)) is { } unknown)
        {
            throw DataException.In(
                unknown.Place,
                $"width and height of {unknown.Image.FileName} are not known, so its boxes cannot be divided by them; "
                + "store the boxes as fractions and say box_scale: raw");
        }

        // A token file knows images by their file names alone.
        var named = options.Format == "tokens" ? options with { NamedBy = "stem" } : options;
        return new PerSampleImages(named, [.. listed.Take(taken).Select(image => image.Image)]);
    }

    private static ArrayImages OpenArray(
        DatasetOptions options, string split, CaptionFile file, IReadOnlyList<ListedImage> listed, int taken)
    {
        var name = options.Features.Replace("{split}", split, StringComparison.Ordinal);
        var own = name != options.Features;
        var features = ArrayImages.OpenFeatures(options.InFolder(name));
        PrecompBoxes? boxes = null;
        try
        {
            var rows = own ? listed.Count : file.Count;
            if (features.Rows != rows)
            {
                throw DataException.In(
                    features.Path,
                    $"has {features.Rows} rows, and {file.Path} lists {rows} images"
                    + (own ? $" of the split '{split}'; a row for each of them in that order is needed"
                        : " in all; a row for each in the file's order is needed, or features: '{split}_NAME.npy'"));
            }

            if (options.Boxes.Length > 0)
            {
                boxes = PrecompBoxes.Open(
                    options, own ? $"{split}_" : "", rows, ArrayImages.RegionsOf(features), features.Path);
            }

            return new ArrayImages(
                features,
                boxes,
                taken,
                own ? image => image : image => listed[image].Row,
                image => listed[image].Image.FileName!);
        }
        catch
        {
            boxes?.Dispose();
            features.Dispose();
            throw;
        }
    }
}
