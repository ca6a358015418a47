namespace Colony.Data;

/// <summary>Opens both sides of a split in SCAN's arrangement.</summary>
internal static class PrecompSplit
{
    public static (IImages Images, ICaptions Captions) Open(DatasetOptions options, string split)
    {
        var captionsPath = CaptionsPath(options, split);
        var texts = TextFile.ReadLines(captionsPath);
        if (texts.Length == 0)
        {
            throw DataException.In(captionsPath, "has no captions; write one a line");
        }

        var images = PrecompImages.Open(options, split, texts.Length, captionsPath);
        try
        {
            return (images, OpenCaptions(options, texts[..(images.Count * options.CaptionsPerImage)]));
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }

    private static ICaptions OpenCaptions(DatasetOptions options, string[] texts) => options.Text switch
    {
        "words" => new WordCaptions(texts, OpenVocabulary(options), options.MaxWords),
        "vectors" => new VectorCaptions(
            texts,
            WordVectors.Read(options.InFolder(options.Vectors), options.InFolder(options.VectorWords)),
            options.MaxWords),
        "bert" => WordPieceCaptions.Open(texts, options, options.InFolder(options.WordPieces)),
        _ => throw new DataException(
            $"data: text: {options.Text} goes with format: per_sample; with precomp use words, vectors or bert."),
    };

    private static Vocabulary OpenVocabulary(DatasetOptions options)
    {
        if (options.VocabularyFile.Length > 0)
        {
            return Vocabulary.Load(options.InFolder(options.VocabularyFile));
        }

        // The whole of both splits also where max_images cuts them, so that trying things out keeps the ids.
        IEnumerable<string> texts = TextFile.ReadLines(CaptionsPath(options, "train"));
        if (options.VocabularyFromDev)
        {
            texts = texts.Concat(TextFile.ReadLines(CaptionsPath(options, "dev")));
        }

        return Vocabulary.Build(texts, options.MinWordCount);
    }

    private static string CaptionsPath(DatasetOptions options, string split) => options.InFolder($"{split}_caps.txt");
}
