namespace Colony.Data;

/// <summary>
/// The text side of a pack in words, vectors or word pieces: made from the captions of the pack as other formats make
/// it from theirs, with the vocabularies and vectors that were packed along.
/// </summary>
internal static class PackedText
{
    public const string VocabularyPart = "vocabulary";
    public const string VectorsPart = "vectors";
    public const string VectorWordsPart = "vector_words";
    public const string WordPiecesPart = "word_pieces";

    /// <summary>The files that a job's text side reads, by their part in it, as the job names them.</summary>
    public static IEnumerable<(string Part, string Name)> FilesOf(DatasetOptions options)
    {
        (string Part, string Name)[] all = options.Text switch
        {
            "vectors" => [(VectorsPart, options.Vectors), (VectorWordsPart, options.VectorWords)],
            "bert" => [(WordPiecesPart, options.WordPieces)],
            "words" => [(VocabularyPart, options.VocabularyFile)],
            _ => [],
        };
        return all.Where(file => file.Name.Length > 0);
    }

    /// <param name="files">The pack.</param>
    /// <param name="index">What is in it.</param>
    /// <param name="texts">The captions that are taken.</param>
    /// <param name="captionsOf">All captions of a split of the pack.</param>
    /// <param name="options">The data section.</param>
    public static ICaptions Open(
        PackFiles files, PackIndex index, string[] texts, Func<string, IReadOnlyList<string>> captionsOf,
        DatasetOptions options)
    {
        switch (options.Text)
        {
            case "vectors":
                using (var vectors = FileOf(VectorsPart, options.Vectors))
                using (var words = FileOf(VectorWordsPart, options.VectorWords))
                {
                    return new VectorCaptions(texts, WordVectors.Read(vectors.Path, words.Path), options.MaxWords);
                }

            case "bert":
                using (var pieces = FileOf(WordPiecesPart, options.WordPieces))
                {
                    return WordPieceCaptions.Open(texts, options, pieces.Path);
                }

            default:
                return new WordCaptions(texts, OpenVocabulary(), options.MaxWords);
        }

        // The name that the packed job had means the copy in the pack; any other is a file beside the job.
        HeldFile FileOf(string part, string name)
            => index.TextFiles.TryGetValue(part, out var file) && file.Name == name
                ? files.Hold(file.Object, CancellationToken.None)
                : new HeldFile(options.Resolve(name), null);

        Vocabulary OpenVocabulary()
        {
            if (options.VocabularyFile.Length > 0)
            {
                using var file = FileOf(VocabularyPart, options.VocabularyFile);
                return Vocabulary.Load(file.Path);
            }

            IEnumerable<string> all = captionsOf("train");
            return Vocabulary.Build(
                options.VocabularyFromDev ? all.Concat(captionsOf("dev")) : all, options.MinWordCount);
        }
    }
}
