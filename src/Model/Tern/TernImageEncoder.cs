using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>TERN's image branch: box encoding, then a transformer over the regions.</summary>
internal sealed class TernImageEncoder : torch.nn.Module
{
    private readonly BoxEncoding boxes;
    private readonly TransformerEncoder transformer;
    private readonly Linear? pooled;
    private readonly bool absolute;
    private readonly string relative;
    private readonly int distance;

    public TernImageEncoder(TernOptions options, long featureDim)
    {
        (relative, distance) = (options.ImageRelative, options.RelativeDistance);
        transformer = new TransformerEncoder(
            featureDim, options.Heads, options.Feedforward, options.Dropout, options.ImageLayers,
            RelativeIndex.RegionEntries(relative, distance));
        boxes = new BoxEncoding(featureDim, options.PosEncoding == "concat-and-process");
        register_module("transformer_encoder", transformer);
        register_module("pos_encoding_image", boxes);
        absolute = options.Measure == "order";
        if (options.PublishedUnusedLayers || options.ImageAggregation == TernOptions.NoAggregation)
        {
            pooled = torch.nn.Linear(featureDim, options.EmbedSize);
            register_module("fc", pooled);
        }
    }

    /// <param name="features">[b, R, D].</param>
    /// <param name="regionBoxes">[b, R, 4].</param>
    /// <param name="mask">Padding among the regions.</param>
    /// <param name="probe">Sees intermediate tensors under their published names.</param>
    /// <returns>[R, b, D].</returns>
    public Tensor forward(Tensor features, Tensor regionBoxes, PaddingMask mask, Action<string, Tensor>? probe)
    {
        using var scope = torch.NewDisposeScope();
        var placed = boxes.forward(features, regionBoxes);
        probe?.Invoke("pos_encoded", placed);
        var index = relative switch
        {
            "index" => RelativeIndex.Sequence(placed.shape[0], distance, placed.device),
            "grid" => RelativeIndex.Boxes(regionBoxes),
            _ => null,
        };
        var tokens = transformer.forward(placed, mask, relative: index);
        return scope.MoveToOuter(tokens);
    }

    /// <summary>The branch's own embedding [b, E]: the mean over all positions, padding included, projected.</summary>
    public Tensor Pool(Tensor tokens) => TernPooling.Mean(tokens, pooled!, absolute);

    /// <summary>Whether <see cref="Pool"/> has its layer.</summary>
    public bool Pools => pooled is not null;
}
