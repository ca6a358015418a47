namespace Colony.Data;

/// <summary>Captions whose token features were extracted beforehand (BERT), a file each: <c>text:
/// features</c>.</summary>
internal sealed class FeatureCaptions : ICaptions
{
    private readonly IReadOnlyList<AnnotatedCaption> _captions;
    private readonly string _folder;
    private readonly int _maxTokens;
    private int _truncated;

    public FeatureCaptions(DatasetOptions options, IReadOnlyList<AnnotatedCaption> captions)
    {
        _captions = captions;
        _folder = options.InFolder(options.TextFeatures);
        _maxTokens = options.MaxWords;
        WordDim = (int)Read(0).Array.Shape[1];
    }

    public int Count => _captions.Count;

    public int WordDim { get; }

    public Vocabulary? Vocabulary => null;

    public int VocabularySize => 0;

    public int Longest => 0;

    /// <summary>Cuts made so far: lengths are only known when a file is read.</summary>
    public int Truncated => Volatile.Read(ref _truncated);

    public string Text(int caption) => _captions[caption].Text;

    public CaptionRows Rows(ReadOnlySpan<int> captions, CancellationToken cancellationToken)
    {
        var read = new NpyArray[captions.Length];
        for (var i = 0; i < captions.Length; i++)
        {
            var (path, array) = Read(captions[i]);
            if (array.Shape[1] != WordDim)
            {
                throw DataException.In(
                    path, $"has token features of {array.Shape[1]}, and the first caption of {WordDim}");
            }

            if (_maxTokens > 0 && array.Shape[0] > _maxTokens)
            {
                Interlocked.Increment(ref _truncated);
            }

            read[i] = array;
        }

        return new Batch(read, WordDim, _maxTokens);
    }

    public CaptionRows Rows(IReadOnlyList<string> texts) => throw NoFreeText();

    public static DataException NoFreeText()
        => new(
            "This data set's captions are features extracted beforehand (text: features), so free text cannot "
            + "be encoded; train with text: words or text: vectors to ask by text.");

    public void Dispose()
    {
    }

    private (string Path, NpyArray Array) Read(int caption)
    {
        var name = _captions[caption].Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var (path, array) = SampleFile.Read(_folder, name);
        return array.Shape.Count == 2 && array.Values.Length > 0
            ? (path, array)
            : throw DataException.In(path, "tokens by dimensions is needed, with at least one token");
    }

    private sealed class Batch(NpyArray[] captions, int width, int maxTokens) : CaptionRows<float>
    {
        public override int Count => captions.Length;

        public override int Width => width;

        public override int Length(int position)
        {
            var tokens = (int)captions[position].Shape[0];
            return maxTokens > 0 ? Math.Min(tokens, maxTokens) : tokens;
        }

        public override void Fill(int position, Span<float> row)
            => captions[position].Values.AsSpan(0, row.Length).CopyTo(row);
    }
}
