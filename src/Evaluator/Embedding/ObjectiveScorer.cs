using Colony.Model;
using Colony.Torch;

namespace Colony.Evaluator;

/// <summary>
/// The similarity that a model was trained for. Works in tiles, because some similarities build a value for every
/// image, caption and dimension on their way.
/// </summary>
public sealed class ObjectiveScorer : IScorer
{
    /// <summary>
    /// Images and captions in a tile: 4 Ki pairs, 16 MiB on the way at 1,024 dimensions. Sixteen times that costs twice
    /// the time, most of it the system's for new memory.
    /// </summary>
    private const int Tile = 64;

    private readonly IObjective _objective;

    /// <summary>A scorer by an objective's <see cref="IObjective.Scores"/>, on the CPU.</summary>
    public ObjectiveScorer(IObjective objective)
    {
        ArgumentNullException.ThrowIfNull(objective);
        _objective = objective;
    }

    /// <inheritdoc/>
    public void Score(ReadOnlySpan<float> images, ReadOnlySpan<float> captions, int dimension, Span<float> scores)
    {
        var captionCount = Rows.Count(captions, dimension, nameof(captions));
        var imageCount = captionCount == 0 ? 0 : Rows.Count(scores, captionCount, nameof(scores));
        var width = imageCount == 0 ? dimension : images.Length / imageCount;
        using var noGrad = torch.no_grad();
        for (var image = 0; image < imageCount; image += Tile)
        {
            var rows = Math.Min(Tile, imageCount - image);
            using var scope = torch.NewDisposeScope();
            var left = torch.tensor(images.Slice(image * width, rows * width), [rows, width]);
            for (var caption = 0; caption < captionCount; caption += Tile)
            {
                var columns = Math.Min(Tile, captionCount - caption);
                using var inner = torch.NewDisposeScope();
                var right = torch.tensor(
                    captions.Slice(caption * dimension, columns * dimension), [columns, dimension]);
                var tile = _objective.Scores(left, right).contiguous().data<float>();
                for (var row = 0; row < rows; row++)
                {
                    tile.Slice(row * columns, columns)
                        .CopyTo(scores[(((image + row) * captionCount) + caption)..]);
                }
            }
        }
    }
}
