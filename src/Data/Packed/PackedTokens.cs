using System.Globalization;

namespace Colony.Data;

/// <summary>Captions whose token features lie in the shards beside the images: <c>text: features</c>.</summary>
internal sealed class PackedTokens : ICaptions
{
    private readonly IReadOnlyList<string> _texts;
    private readonly PackedRows _rows;
    private readonly Shards _shards;
    private readonly int _maxTokens;

    /// <param name="texts">The captions that are taken.</param>
    /// <param name="rows">Where the tokens of each are.</param>
    /// <param name="shards">The shards; the images own them.</param>
    /// <param name="wordDim">Size of a token.</param>
    /// <param name="maxTokens">Tokens kept of a caption; 0 keeps all.</param>
    public PackedTokens(IReadOnlyList<string> texts, PackedRows rows, Shards shards, int wordDim, int maxTokens)
    {
        (_texts, _rows, _shards, WordDim, _maxTokens) = (texts, rows, shards, wordDim, maxTokens);
        for (var i = 0; i < texts.Count; i++)
        {
            Longest = Math.Max(Longest, Kept(i));
            Truncated += Kept(i) < rows.Count(i) ? 1 : 0;
        }
    }

    public int Count => _texts.Count;

    public int WordDim { get; }

    public Vocabulary? Vocabulary => null;

    public int VocabularySize => 0;

    public int Longest { get; }

    public int Truncated { get; }

    public string Text(int caption) => _texts[caption];

    public CaptionRows Rows(ReadOnlySpan<int> captions, CancellationToken cancellationToken)
        => new Batch(this, captions.ToArray(), cancellationToken);

    public CaptionRows Rows(IReadOnlyList<string> texts) => throw FeatureCaptions.NoFreeText();

    public void Dispose()
    {
    }

    private int Kept(int caption)
        => _maxTokens > 0 ? Math.Min(_maxTokens, _rows.Count(caption)) : _rows.Count(caption);

    private sealed class Batch(PackedTokens owner, int[] captions, CancellationToken cancellationToken)
        : CaptionRows<float>
    {
        private readonly int[] _order = PackedRows.ReadingOrder(captions);
        private readonly ShardCursor _cursor = new(owner._shards, null, cancellationToken);

        public override int Count => captions.Length;

        public override int Width => owner.WordDim;

        public override int Position(int nth) => _order[nth];

        public override int Length(int position) => owner.Kept(captions[position]);

        public override void Fill(int position, Span<float> row)
        {
            var caption = captions[position];
            _cursor.At(owner._rows.ShardOf(caption)).Tokens(
                owner._rows.Start(caption), Width, row, (caption + 1).ToString(CultureInfo.InvariantCulture));
        }

        public override void Dispose() => _cursor.Dispose();
    }
}
