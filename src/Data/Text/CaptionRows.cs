namespace Colony.Data;

/// <summary>The captions of one batch, ready to be written into its tensor, one row each.</summary>
internal abstract class CaptionRows : IDisposable
{
    public abstract int Count { get; }

    /// <summary>The position that is best read as the nth: rows of one file after one another.</summary>
    public virtual int Position(int nth) => nth;

    /// <summary>Positions of a row that carry something; the rest of the tensor's row stays zero.</summary>
    public abstract int Length(int position);

    public virtual void Dispose()
    {
    }
}

/// <summary>Rows of elements of one type: word ids (<c>long</c>) or token features (<c>float</c>).</summary>
internal abstract class CaptionRows<T> : CaptionRows
    where T : unmanaged
{
    /// <summary>Elements of one position: 1 for word ids, the word dimension for features.</summary>
    public abstract int Width { get; }

    /// <summary>Writes the Length·Width elements of a row.</summary>
    public abstract void Fill(int position, Span<T> row);
}

/// <summary>The captions of a split in the form the model reads.</summary>
internal interface ICaptions : IDisposable
{
    int Count { get; }

    /// <summary>Size of a token feature; 0 where captions are word ids.</summary>
    int WordDim { get; }

    Vocabulary? Vocabulary { get; }

    WordPieceVocabulary? Pieces => null;

    /// <summary>Ids that captions are made of; 0 where captions are features.</summary>
    int VocabularySize { get; }

    /// <summary>Positions of the longest caption; 0 where that is not known before it is read.</summary>
    int Longest { get; }

    /// <summary>Captions that lost words to the length limit.</summary>
    int Truncated { get; }

    string Text(int caption);

    CaptionRows Rows(ReadOnlySpan<int> captions, CancellationToken cancellationToken);

    /// <summary>The same for free text.</summary>
    CaptionRows Rows(IReadOnlyList<string> texts);
}
