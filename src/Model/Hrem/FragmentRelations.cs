using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>Relations in one cross-modal direction: which instances are connected, and how closely.</summary>
/// <param name="Connected">[B, B] bool.</param>
/// <param name="Closeness">[B, B].</param>
internal readonly record struct Relation(Tensor Connected, Tensor Closeness);

/// <summary>HREM's cross-modal relations (models.md 6B b): every caption's words against every image's regions, without
/// gradient; two small perceptrons weigh the largest similarities.</summary>
internal sealed class FragmentRelations : torch.nn.Module
{
    private const double Slope = 0.1;

    private readonly int size;
    private readonly double threshold;
    private readonly Linear[] toImages;
    private readonly Linear[] toCaptions;

    public FragmentRelations(HremObjectiveOptions options)
    {
        (size, threshold) = (options.RelationSize, options.Threshold);
        toImages = [torch.nn.Linear(size, size), torch.nn.Linear(size, 1)];
        toCaptions = [torch.nn.Linear(size, size), torch.nn.Linear(size, 1)];
        var first = new Group(("0", toImages[0]), ("3", toImages[1]));
        var second = new Group(("0", toCaptions[0]), ("3", toCaptions[1]));
        Initial.Copy(first, second);
        register_module("adj_learning", new Group(("mlp_t2i", first), ("mlp_i2t", second)));
    }

    /// <summary>Both directions, in the caller's scope: rows are captions in the first and images in the
    /// second.</summary>
    /// <param name="regions">[B, R, E], without gradient; all of them count, padded ones too.</param>
    /// <param name="words">[B, T, E], without gradient.</param>
    /// <param name="lengths">Valid words of each caption.</param>
    public (Relation CaptionsToImages, Relation ImagesToCaptions) forward(
        Tensor regions, Tensor words, IReadOnlyList<int> lengths)
    {
        var (wordMeans, wordTops, regionMeans, regionTops) = Compare(regions, words, lengths);
        return (
            new Relation(Closest(wordMeans, threshold), Weigh(toImages, wordTops) + wordMeans),
            new Relation(Closest(regionMeans, threshold), Weigh(toCaptions, regionTops) + regionMeans));
    }

    /// <summary>Whether each entry is among the given share of its row, the largest; at least one is.</summary>
    public static Tensor Closest(Tensor rows, double share)
    {
        using var scope = torch.NewDisposeScope();
        using var unrecorded = torch.no_grad();
        var count = Math.Max(1, (long)(rows.shape[0] * share));
        var least = rows.topk(count, 1).values.narrow(1, count - 1, 1);
        return scope.MoveToOuter(rows.ge(least));
    }

    private static Tensor Weigh(Linear[] layers, Tensor tops) =>
        layers[1].forward(torch.nn.functional.relu(layers[0].forward(tops))).squeeze(2);

    /// <summary>Means [B, B] and largest values [B, B, k] of the similarities, once with captions as rows (over words)
    /// and once with images as rows (over regions).</summary>
    private (Tensor WordMeans, Tensor WordTops, Tensor RegionMeans, Tensor RegionTops) Compare(
        Tensor regions, Tensor words, IReadOnlyList<int> lengths)
    {
        using var unrecorded = torch.no_grad();
        var count = lengths.Count;
        var seen = Normalization.Guarded(Widened(regions));
        var said = Normalization.Guarded(Widened(words));
        var (wordMeans, wordTops) = (new Tensor[count], new Tensor[count]);
        var (regionMeans, regionTops) = (new Tensor[count], new Tensor[count]);
        for (var i = 0; i < count; i++)
        {
            using var scope = torch.NewDisposeScope();
            var own = said.select(0, i).narrow(0, 0, Math.Max(lengths[i], size));
            var raw = torch.matmul(own, seen.transpose(1, 2));
            var alike = raw.maximum(raw * Slope);
            var best = Softened(alike, 1).max(2).values;
            wordMeans[i] = scope.MoveToOuter(best.narrow(1, 0, lengths[i]).mean([1]));
            wordTops[i] = scope.MoveToOuter(best.topk(size, 1).values);
            var reached = Softened(alike, 2).narrow(1, 0, lengths[i]).max(1).values;
            regionMeans[i] = scope.MoveToOuter(reached.narrow(1, 0, regions.shape[1]).mean([1]));
            regionTops[i] = scope.MoveToOuter(reached.topk(size, 1).values);
        }

        return (torch.stack(wordMeans, 0), torch.stack(wordTops, 0), torch.stack(regionMeans, 1),
            torch.stack(regionTops, 1));
    }

    /// <summary>With rows of zeros behind, so that there are at least as many as similarities are taken.</summary>
    private Tensor Widened(Tensor fragments) => fragments.shape[1] >= size
        ? fragments
        : Batch.Padded(fragments, size, "fragments");

    private static Tensor Softened(Tensor x, long dim)
    {
        const double Softening = 1e-8;
        return x / (x.pow(2).sum(dim, true).sqrt() + Softening);
    }
}
