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
        return (images, OpenCaptions(options, captions));
    }

    private static ICaptions OpenCaptions(DatasetOptions options, AnnotatedCaption[] captions)
    {
        switch (options.Text)
        {
            case "features":
                return new FeatureCaptions(options, captions);
            case "vectors":
                var vectors = WordVectors.Read(options.Resolve(options.Vectors), options.Resolve(options.VectorWords));
                return new VectorCaptions(Texts(captions), vectors, options.MaxWords);
            case "bert":
                return WordPieceCaptions.Open(Texts(captions), options, options.InFolder(options.WordPieces));
            default:
                return new WordCaptions(Texts(captions), OpenVocabulary(options), options.MaxWords);
        }
    }

    private static Vocabulary OpenVocabulary(DatasetOptions options)
    {
        if (options.VocabularyFile.Length > 0)
        {
            return Vocabulary.Load(options.Resolve(options.VocabularyFile));
        }

        IEnumerable<string> texts = Texts(Read(options, "train").Captions);
        if (options.VocabularyFromDev)
        {
            texts = texts.Concat(Texts(Read(options, "dev").Captions));
        }

        return Vocabulary.Build(texts, options.MinWordCount);
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
