namespace Colony.Model;

/// <summary>What the data decides about a model.</summary>
/// <param name="FeatureDim">Width of the region features.</param>
/// <param name="WordDim">Width of pre-extracted token features; 0 when there are none.</param>
/// <param name="VocabularySize">Number of word ids, padding included; 0 when captions are features.</param>
public sealed record ModelInputs(int FeatureDim, int WordDim, int VocabularySize);
