namespace Colony.Data;

/// <summary>Captions as ids of word pieces between <c>[CLS]</c> and <c>[SEP]</c>: <c>text: bert</c>.</summary>
internal sealed class WordPieceCaptions : ICaptions
{
    private readonly string[] _texts;
    private readonly WordPieceTokenizer _tokenizer;
    private readonly EncodedCaptions _encoded;
    private readonly int _maxPieces;

    public WordPieceCaptions(string[] texts, WordPieceTokenizer tokenizer, int maxPieces)
    {
        (_texts, _tokenizer, _maxPieces) = (texts, tokenizer, maxPieces);
        _encoded = EncodedCaptions.Of(texts, tokenizer.Encode, maxPieces)
            .Knowing(tokenizer.Vocabulary.Unknown, "word_pieces");
        for (var i = 0; i < texts.Length; i++)
        {
            if (_encoded[i].IsEmpty)
            {
                throw new DataException(
                    $"Caption {i + 1} of the split, '{EncodedCaptions.Shown(texts[i])}', has no word piece; "
                    + "write a caption there.");
            }
        }
    }

    public int Count => _texts.Length;

    public int WordDim => 0;

    public Vocabulary? Vocabulary => null;

    public WordPieceVocabulary Pieces => _tokenizer.Vocabulary;

    public int VocabularySize => _tokenizer.Vocabulary.Count;

    public int Longest => _encoded.Longest + IdRows.Added;

    public int Truncated => _encoded.Truncated;

    /// <summary>Captions with the pieces that the options name.</summary>
    /// <param name="texts">The captions.</param>
    /// <param name="options">The data section.</param>
    /// <param name="path">The vocabulary file.</param>
    public static WordPieceCaptions Open(string[] texts, DatasetOptions options, string path) =>
        new(
            texts,
            new WordPieceTokenizer(
                WordPieceVocabulary.Load(path), WordPieceRules.Of(options.PieceRules, options.LowerCase)),
            options.MaxWords);

    public string Text(int caption) => _texts[caption];

    public CaptionRows Rows(ReadOnlySpan<int> captions, CancellationToken cancellationToken)
        => Rows(_encoded, captions.ToArray());

    public CaptionRows Rows(IReadOnlyList<string> texts)
    {
        var encoded = EncodedCaptions.OfQueries(
            texts, _tokenizer.Encode, _tokenizer.Vocabulary.Unknown, _maxPieces, "the BERT's vocabulary");
        return Rows(encoded, [.. Enumerable.Range(0, encoded.Count)]);
    }

    public void Dispose()
    {
    }

    private IdRows Rows(EncodedCaptions encoded, int[] chosen) =>
        new(encoded, chosen, _tokenizer.Vocabulary.First, _tokenizer.Vocabulary.Last);
}
