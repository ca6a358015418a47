namespace Colony.Data;

/// <summary>Opens both sides of a split that has a file for every sample.</summary>
internal static class PerSampleSplit
{
    public static (IImages Images, ICaptions Captions) Open(DatasetOptions options, string split)
    {
        var annotations = Read(options, split);
        var count = annotations.Images.Count;
        var taken = options.MaxImages > 0 ? Math.Min(options.MaxImages, count) : count;
        var images = new PerSampleImages(options, [.. annotations.Images.Take(taken)]);
        var captions = annotations.Captions.Take(taken * options.CaptionsPerImage).ToArray();
        return (images, SplitCaptions.Open(
            options,
            Texts(captions),
            name => Texts(Read(options, name).Captions),
            () => new FeatureCaptions(options, captions)));
    }

    private static Annotations Read(DatasetOptions options, string split)
    {
        var files = options.Annotations
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(name => options.InFolder(InSplit(name, split)))
            .ToArray();
        if (files.Length == 0)
        {
            throw new DataException("data: annotations names no file; format: per_sample needs COCO-style JSON.");
        }

        var ids = options.SplitIds.Length == 0 ? null : options.InFolder(InSplit(options.SplitIds, split));
        return Annotations.Read(files, ids, options.CaptionsPerImage);
    }

    private static string InSplit(string name, string split)
        => name.Replace("{split}", split, StringComparison.Ordinal);

    private static string[] Texts(IEnumerable<AnnotatedCaption> captions)
        => [.. captions.Select(caption => caption.Text)];
}
