namespace Colony.Data;

/// <summary>A text as BERT reads it, padded to a length.</summary>
/// <param name="Ids">Ids, 0 where padded.</param>
/// <param name="Mask">1 where there is a piece, 0 where padded.</param>
/// <param name="Types">Which of two texts a piece is of: always the first, 0.</param>
public sealed record WordPieceRow(IReadOnlyList<long> Ids, IReadOnlyList<long> Mask, IReadOnlyList<long> Types);

/// <summary>
/// WordPiece (Wu et al. 2016, as in BERT): words as <see cref="WordPieceRules"/> cut them, each taken apart from the
/// left into the longest pieces of the vocabulary, or unknown as a whole. Immutable.
/// </summary>
/// <param name="vocabulary">The pieces.</param>
/// <param name="rules">How words are cut.</param>
public sealed class WordPieceTokenizer(WordPieceVocabulary vocabulary, WordPieceRules rules)
{
    /// <summary>The pieces.</summary>
    public WordPieceVocabulary Vocabulary => vocabulary;

    /// <summary>How words are cut.</summary>
    public WordPieceRules Rules => rules;

    /// <summary>The ids of a text's pieces, without <c>[CLS]</c> and <c>[SEP]</c>; none for an empty text.</summary>
    /// <param name="text">Any text.</param>
    public IReadOnlyList<int> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>();
        var from = 0;
        for (var at = 0; rules.KeepSpecial && at < text.Length; at++)
        {
            if (text[at] != '[' || SpecialAt(text.AsSpan(at)) is not { } special)
            {
                continue;
            }

            EncodePlain(text.AsSpan(from, at - from), ids);
            ids.Add(special.Id);
            at += special.Piece.Length - 1;
            from = at + 1;
        }

        EncodePlain(text.AsSpan(from), ids);
        return ids;
    }

    /// <summary>The pieces of a text.</summary>
    /// <param name="text">Any text.</param>
    public IReadOnlyList<string> Tokenize(string text) => [.. Encode(text).Select(id => vocabulary[id])];

    /// <summary>The words that a text is cut into before pieces.</summary>
    /// <param name="text">Any text.</param>
    public IReadOnlyList<string> Words(string text) => BasicTokenizer.Words(text, rules);

    /// <summary>A text between <c>[CLS]</c> and <c>[SEP]</c>, its last pieces cut off where it is too long, and padded
    /// (as CAMERA does).</summary>
    /// <param name="text">Any text.</param>
    /// <param name="length">The length of the row, at least 2.</param>
    public WordPieceRow Row(string text, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 2);
        long[] kept = [vocabulary.First, .. Encode(text).Take(length - 2).Select(id => (long)id), vocabulary.Last];
        var (ids, mask) = (new long[length], new long[length]);
        kept.CopyTo(ids, 0);
        mask.AsSpan(0, kept.Length).Fill(1);
        return new WordPieceRow(ids, mask, new long[length]);
    }

    private (string Piece, int Id)? SpecialAt(ReadOnlySpan<char> text)
    {
        foreach (var special in vocabulary.Special)
        {
            if (text.StartsWith(special.Piece, StringComparison.Ordinal))
            {
                return special;
            }
        }

        return null;
    }

    private void EncodePlain(ReadOnlySpan<char> text, List<int> ids)
    {
        foreach (var word in BasicTokenizer.Words(text, rules))
        {
            EncodeWord(word, ids);
        }
    }

    private void EncodeWord(string word, List<int> ids)
    {
        var before = ids.Count;
        var fits = word.Length <= rules.LongestWord || word.EnumerateRunes().Count() <= rules.LongestWord;
        for (var start = 0; fits && start < word.Length;)
        {
            var pieces = start == 0 ? vocabulary.Heads : vocabulary.Tails;
            var end = Math.Min(word.Length, start + vocabulary.Longest);
            var id = -1;
            while (end > start && !pieces.TryGetValue(word.AsSpan(start, end - start), out id))
            {
                end--;
            }

            fits = end > start;
            ids.Add(id);
            start = end;
        }

        if (!fits)
        {
            ids.RemoveRange(before, ids.Count - before);
            ids.Add(vocabulary.Unknown);
        }
    }
}
