namespace Colony.Data;

/// <summary>Opens both sides of a split that has a file for every sample.</summary>
internal static class PerSampleSplit
{
    private const string SplitMark = "{split}";

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
        CheckRestval(options);
        string[] splits = options.Restval && split == "train" ? [split, "restval"] : [split];
        var files = Files(options, options.Annotations, splits);
        if (files.Length == 0)
        {
            throw new DataException("data: annotations names no file; format: per_sample needs COCO-style JSON.");
        }

        var ids = Files(options, options.SplitIds, splits);
        return ids.Length > 0 || options.SplitIds.Length == 0
            ? Annotations.Read(files, ids, options.CaptionsPerImage)
            : throw new DataException("data: split_ids names no file; name one, or take it out for all annotations.");
    }

    /// <summary>Where the file that makes the split is the same for every split, restval would change nothing, and
    /// nobody would see it.</summary>
    private static void CheckRestval(DatasetOptions options)
    {
        var (key, names) = options.SplitIds.Length > 0
            ? ("split_ids", options.SplitIds)
            : ("annotations", options.Annotations);
        if (options.Restval && !names.Contains(SplitMark, StringComparison.Ordinal))
        {
            throw new DataException(
                $"data: restval: true adds the files of restval to those of train, and {key} has no {SplitMark} to "
                + "stand for either; write it there, or take restval out.");
        }
    }

    private static string[] Files(DatasetOptions options, string names, string[] splits)
        =>
        [
            .. names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .SelectMany(name => splits.Select(
                    split => options.InFolder(name.Replace(SplitMark, split, StringComparison.Ordinal))))
                .Distinct(StringComparer.Ordinal),
        ];

    private static string[] Texts(IEnumerable<AnnotatedCaption> captions)
        => [.. captions.Select(caption => caption.Text)];
}
