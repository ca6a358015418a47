namespace Colony.Model;

/// <summary>Options of a model that may have a BERT inside, for checks before anything is built.</summary>
public interface IBertOptions : ICaptionLimit
{
    /// <summary>Whether captions go through a BERT.</summary>
    bool ReadsWordPieces { get; }

    /// <summary>The BERT; its vocabulary is the data's.</summary>
    BertConfiguration Bert { get; }
}
