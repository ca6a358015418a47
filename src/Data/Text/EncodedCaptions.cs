namespace Colony.Data;

/// <summary>Captions as numbers, one array for all of them and where each begins.</summary>
internal sealed class EncodedCaptions
{
    /// <summary>The most words a free-text query may have when the job sets no limit.</summary>
    public const int MaxQueryWords = 256;

    private readonly int[] _numbers;
    private readonly int[] _starts;

    private EncodedCaptions(int[] numbers, int[] starts, int truncated, int longest)
    {
        _numbers = numbers;
        _starts = starts;
        Truncated = truncated;
        Longest = longest;
    }

    public int Count => _starts.Length - 1;

    public int Truncated { get; }

    public ReadOnlySpan<int> this[int caption] => _numbers.AsSpan(_starts[caption].._starts[caption + 1]);

    /// <summary>Numbers of the longest caption; 0 when there is none.</summary>
    public int Longest { get; }

    /// <summary>From words to numbers by a table.</summary>
    /// <param name="number">From token to number.</param>
    public static Func<string, IReadOnlyList<int>> ByWord(Func<string, int> number) =>
        text => [.. Tokenizer.Tokenize(text).Select(number)];

    /// <summary>Encodes captions.</summary>
    /// <param name="texts">The captions.</param>
    /// <param name="encode">From text to numbers.</param>
    /// <param name="maxWords">Numbers kept of a caption; 0 keeps all.</param>
    public static EncodedCaptions Of(
        IReadOnlyList<string> texts, Func<string, IReadOnlyList<int>> encode, int maxWords)
    {
        var numbers = new List<int>();
        var starts = new int[texts.Count + 1];
        var (truncated, longest) = (0, 0);
        for (var i = 0; i < texts.Count; i++)
        {
            var all = encode(texts[i]);
            var kept = maxWords > 0 ? Math.Min(maxWords, all.Count) : all.Count;
            truncated += kept < all.Count ? 1 : 0;
            longest = Math.Max(longest, kept);
            numbers.AddRange(all.Take(kept));
            starts[i + 1] = numbers.Count;
        }

        return new EncodedCaptions([.. numbers], starts, truncated, longest);
    }

    /// <summary>Refuses captions of which none has anything that is known: they and the words belong to different
    /// data.</summary>
    /// <param name="unknown">The number of tokens that are not known.</param>
    /// <param name="known">Where the known words are from, for the message.</param>
    public EncodedCaptions Knowing(int unknown, string known) =>
        Count == 0 || _numbers.AsSpan().ContainsAnyExcept(unknown)
            ? this
            : throw new DataException(
                $"None of the {Count} captions has a word that occurs in {known}; check vocabulary_file, vector_words, "
                + "word_pieces or min_word_count.");

    /// <summary>Encodes queries, refusing those the model could say nothing about.</summary>
    /// <param name="texts">The queries.</param>
    /// <param name="encode">From text to numbers.</param>
    /// <param name="unknown">The number of tokens that are not known.</param>
    /// <param name="maxWords">Words kept of a query; 0 for the limit of queries.</param>
    /// <param name="known">Where the known words are from, for the message.</param>
    public static EncodedCaptions OfQueries(
        IReadOnlyList<string> texts, Func<string, IReadOnlyList<int>> encode, int unknown, int maxWords,
        string known = "the training captions")
    {
        ArgumentNullException.ThrowIfNull(texts);
        var encoded = Of(texts, encode, maxWords > 0 ? maxWords : MaxQueryWords);
        for (var i = 0; i < texts.Count; i++)
        {
            var numbers = encoded[i];
            if (numbers.IsEmpty)
            {
                throw new DataException("The query is empty; describe the picture in a few words.");
            }

            if (!numbers.ContainsAnyExcept(unknown))
            {
                throw new DataException(
                    $"No word of the query '{Shown(texts[i])}' occurs in {known}; use other words.");
            }
        }

        return encoded;
    }

    /// <summary>A text, short enough for a message.</summary>
    public static string Shown(string text)
    {
        const int Most = 60;
        return text.Length > Most ? text[..Most] + "..." : text;
    }
}

/// <summary>Captions as word ids between start and end: <c>text: words</c>.</summary>
internal sealed class WordCaptions : ICaptions
{
    private readonly string[] _texts;
    private readonly EncodedCaptions _encoded;
    private readonly int _maxWords;

    public WordCaptions(string[] texts, Vocabulary vocabulary, int maxWords)
    {
        _texts = texts;
        _maxWords = maxWords;
        Vocabulary = vocabulary;
        _encoded = EncodedCaptions.Of(texts, EncodedCaptions.ByWord(vocabulary.IdOf), maxWords)
            .Knowing(Data.Vocabulary.Unknown, "the vocabulary");
    }

    public int Count => _texts.Length;

    public int WordDim => 0;

    public Vocabulary Vocabulary { get; }

    public int VocabularySize => Vocabulary.Count;

    public int Longest => _encoded.Longest + IdRows.Added;

    public int Truncated => _encoded.Truncated;

    public string Text(int caption) => _texts[caption];

    public CaptionRows Rows(ReadOnlySpan<int> captions, CancellationToken cancellationToken)
        => Rows(_encoded, captions.ToArray());

    public CaptionRows Rows(IReadOnlyList<string> texts)
    {
        var encoded = EncodedCaptions.OfQueries(
            texts, EncodedCaptions.ByWord(Vocabulary.IdOf), Vocabulary.Unknown, _maxWords);
        return Rows(encoded, [.. Enumerable.Range(0, encoded.Count)]);
    }

    public void Dispose()
    {
    }

    private static IdRows Rows(EncodedCaptions encoded, int[] chosen) =>
        new(encoded, chosen, Data.Vocabulary.Start, Data.Vocabulary.End);
}

/// <summary>
/// Captions as given word vectors behind one zero row (the slot of T-CLS), zeros for an unknown word: <c>text:
/// vectors</c>.
/// </summary>
internal sealed class VectorCaptions : ICaptions
{
    private readonly string[] _texts;
    private readonly WordVectors _vectors;
    private readonly EncodedCaptions _encoded;
    private readonly int _maxWords;

    public VectorCaptions(string[] texts, WordVectors vectors, int maxWords)
    {
        _texts = texts;
        _vectors = vectors;
        _maxWords = maxWords;
        _encoded = EncodedCaptions.Of(texts, EncodedCaptions.ByWord(vectors.RowOf), maxWords)
            .Knowing(WordVectors.Unknown, "vector_words");
    }

    public int Count => _texts.Length;

    public int WordDim => _vectors.Dim;

    public Vocabulary? Vocabulary => null;

    public int VocabularySize => 0;

    public int Longest => _encoded.Longest + 1;

    public int Truncated => _encoded.Truncated;

    public string Text(int caption) => _texts[caption];

    public CaptionRows Rows(ReadOnlySpan<int> captions, CancellationToken cancellationToken)
        => new VectorRows(_vectors, _encoded, captions.ToArray());

    public CaptionRows Rows(IReadOnlyList<string> texts)
    {
        var encoded = EncodedCaptions.OfQueries(
            texts, EncodedCaptions.ByWord(_vectors.RowOf), WordVectors.Unknown, _maxWords);
        return new VectorRows(_vectors, encoded, [.. Enumerable.Range(0, encoded.Count)]);
    }

    public void Dispose()
    {
    }

    private sealed class VectorRows(WordVectors vectors, EncodedCaptions encoded, int[] chosen) : CaptionRows<float>
    {
        public override int Count => chosen.Length;

        public override int Width => vectors.Dim;

        public override int Length(int position) => encoded[chosen[position]].Length + 1;

        public override void Fill(int position, Span<float> row)
        {
            row[..Width].Clear();
            var at = Width;
            foreach (var word in encoded[chosen[position]])
            {
                vectors.CopyTo(word, row.Slice(at, Width));
                at += Width;
            }
        }
    }
}
