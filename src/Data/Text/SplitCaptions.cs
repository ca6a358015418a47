namespace Colony.Data;

/// <summary>The captions of a split in the form that the job asks for, wherever their texts come from.</summary>
internal static class SplitCaptions
{
    /// <summary>Opens captions.</summary>
    /// <param name="options">The data section.</param>
    /// <param name="texts">The captions of the split, image-major.</param>
    /// <param name="textsOf">The captions of a split by its name, for the vocabulary.</param>
    /// <param name="features">Captions whose token features lie in files; null where the format names none.</param>
    public static ICaptions Open(
        DatasetOptions options,
        string[] texts,
        Func<string, IEnumerable<string>> textsOf,
        Func<ICaptions>? features = null)
    {
        switch (options.Text)
        {
            case "features":
                return features?.Invoke() ?? throw new DataException(
                    $"data: text: features needs captions with ids, as per_sample and karpathy have them; with format: "
                    + $"{options.Format} use words, vectors or bert.");
            case "vectors":
                var vectors = WordVectors.Read(
                    options.InFolder(options.Vectors), options.InFolder(options.VectorWords));
                return new VectorCaptions(texts, vectors, options.MaxWords);
            case "bert":
                return WordPieceCaptions.Open(texts, options, options.InFolder(options.WordPieces));
            default:
                return new WordCaptions(texts, Words(options, textsOf), options.MaxWords);
        }
    }

    private static Vocabulary Words(DatasetOptions options, Func<string, IEnumerable<string>> textsOf)
    {
        if (options.VocabularyFile.Length > 0)
        {
            return Vocabulary.Load(options.InFolder(options.VocabularyFile));
        }

        var texts = textsOf("train");
        return Vocabulary.Build(
            options.VocabularyFromDev ? texts.Concat(textsOf("dev")) : texts, options.MinWordCount);
    }
}
