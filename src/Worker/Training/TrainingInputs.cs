using Colony.Data;
using Colony.Model;

namespace Colony.Worker;

/// <summary>What a model that is trained is told of its data.</summary>
internal static class TrainingInputs
{
    public static ModelInputs Of(IDataset data) => new(
        data.FeatureDim, data.WordDim, data.VocabularySize,
        data.Pieces is { } pieces ? new WordPieces(pieces.Mask, pieces.Continuations.ToHashSet()) : null);
}
