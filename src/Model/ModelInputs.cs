namespace Colony.Model;

/// <summary>What the data decides about a model.</summary>
/// <param name="FeatureDim">Width of the region features.</param>
/// <param name="WordDim">Width of pre-extracted token features; 0 when there are none.</param>
/// <param name="VocabularySize">Number of word ids, padding included; 0 when captions are features.</param>
/// <param name="Pieces">What is known of word pieces, for models that change some while training; null where captions
/// are none, and outside training.</param>
public sealed record ModelInputs(int FeatureDim, int WordDim, int VocabularySize, WordPieces? Pieces = null);

/// <summary>What a model is told of the word pieces behind the ids.</summary>
/// <param name="Mask">Id of <c>[MASK]</c>.</param>
/// <param name="Continuations">Ids of pieces that go on a word.</param>
public sealed record WordPieces(int Mask, IReadOnlySet<int> Continuations);
