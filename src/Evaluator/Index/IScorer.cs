using System.Numerics;
using System.Runtime.InteropServices;

namespace Colony.Evaluator;

/// <summary>A similarity of images and captions. Higher is better. Pure, and usable by many threads at once.</summary>
public interface IScorer
{
    /// <summary>Scores every image against every caption.</summary>
    /// <param name="images">Image embeddings, row after row.</param>
    /// <param name="captions">Caption embeddings, row after row.</param>
    /// <param name="dimension">Values in the embedding of a caption; an image has as many, or, where it has several
    /// views, a multiple.</param>
    /// <param name="scores">Receives images × captions scores, a row for each image; exactly as long.</param>
    void Score(ReadOnlySpan<float> images, ReadOnlySpan<float> captions, int dimension, Span<float> scores);
}

/// <summary>Inner product: cosine similarity when embeddings have length 1.</summary>
public sealed class InnerProductScorer : IScorer
{
    /// <inheritdoc/>
    public void Score(ReadOnlySpan<float> images, ReadOnlySpan<float> captions, int dimension, Span<float> scores) =>
        Pairwise.Fill(images, captions, dimension, scores, static (image, caption) =>
        {
            var sum = Vector<float>.Zero;
            var wide = MemoryMarshal.Cast<float, Vector<float>>(image);
            var wideCaption = MemoryMarshal.Cast<float, Vector<float>>(caption);
            for (var i = 0; i < wide.Length; i++)
            {
                sum += wide[i] * wideCaption[i];
            }

            var total = Vector.Sum(sum);
            for (var i = wide.Length * Vector<float>.Count; i < image.Length; i++)
            {
                total += image[i] * caption[i];
            }

            return total;
        });
}

/// <summary>
/// Order similarity: minus the length of max(0, caption - image), which is 0 when the caption lies above the image in
/// the order of Vendrov et al., "Order-Embeddings of Images and Language" (2016), eq. 2. It has no inner-product form,
/// so no index but an exact one serves it.
/// </summary>
public sealed class OrderScorer : IScorer
{
    /// <inheritdoc/>
    public void Score(ReadOnlySpan<float> images, ReadOnlySpan<float> captions, int dimension, Span<float> scores) =>
        Pairwise.Fill(images, captions, dimension, scores, static (image, caption) =>
        {
            var sum = Vector<float>.Zero;
            var wide = MemoryMarshal.Cast<float, Vector<float>>(image);
            var wideCaption = MemoryMarshal.Cast<float, Vector<float>>(caption);
            for (var i = 0; i < wide.Length; i++)
            {
                var over = Vector.Max(Vector<float>.Zero, wideCaption[i] - wide[i]);
                sum += over * over;
            }

            var total = Vector.Sum(sum);
            for (var i = wide.Length * Vector<float>.Count; i < image.Length; i++)
            {
                var over = MathF.Max(0, caption[i] - image[i]);
                total += over * over;
            }

            return -MathF.Sqrt(total);
        });
}

/// <summary>Fills a score matrix pair by pair.</summary>
internal static class Pairwise
{
    public delegate float PairScore(ReadOnlySpan<float> image, ReadOnlySpan<float> caption);

    public static void Fill(
        ReadOnlySpan<float> images, ReadOnlySpan<float> captions, int dimension, Span<float> scores, PairScore score)
    {
        var imageCount = Rows.Count(images, dimension, nameof(images));
        var captionCount = Rows.Count(captions, dimension, nameof(captions));
        if (scores.Length != (long)imageCount * captionCount)
        {
            throw new ArgumentException(
                $"room for {scores.Length} scores, but {imageCount} images × {captionCount} captions", nameof(scores));
        }

        for (var i = 0; i < imageCount; i++)
        {
            var image = images.Slice(i * dimension, dimension);
            for (var c = 0; c < captionCount; c++)
            {
                scores[(i * captionCount) + c] = score(image, captions.Slice(c * dimension, dimension));
            }
        }
    }
}
