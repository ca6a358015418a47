using Colony.Torch;

namespace Colony.Model;

/// <summary>
/// HREM's training (models.md 6B a to e). Every instance of the global batch attends to those that it is related to; so
/// the instance network is part of the objective, which alone sees the whole batch, and its parameters are the
/// objective's own (decision 8).
/// </summary>
internal sealed class HremObjective : IObjective, IProbed
{
    private readonly HremObjectiveOptions options;
    private readonly TransformerEncoder instances;
    private readonly FragmentRelations relations;
    private readonly Group network;

    public HremObjective(HremObjectiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        instances = new TransformerEncoder(
            options.EmbedSize, options.Heads, options.EmbedSize, options.Dropout, layers: 1);
        relations = new FragmentRelations(options);
        network = new Group(("gnn", instances), ("adj_model", relations));
        Triplets = new SampledTriplets(options.Margin, options.FarthestNegative);
        string[] always =
        [
            TensorNames.ImageEmbeddings, TensorNames.CaptionEmbeddings, TensorNames.ImageFragments,
            TensorNames.CaptionFragments, TensorNames.Words, TensorNames.ImageIds,
        ];
        Inputs = options.NormalizeInput
            ? always
            : [.. always, TensorNames.ImageUnscaled, TensorNames.CaptionUnscaled];
    }

    public IReadOnlyList<string> Inputs { get; }

    public torch.nn.Module Module => network;

    public Action<string, Tensor>? Probe { get; set; }

    internal SampledTriplets Triplets { get; }

    public Tensor Scores(Tensor images, Tensor captions) => Similarity.Dot(images, captions);

    public Tensor Loss(NamedTensors gathered, long step, long stepsPerEpoch)
    {
        ArgumentNullException.ThrowIfNull(gathered);
        using var scope = torch.NewDisposeScope();
        var (images, captions) = (
            Batch.Require(gathered, TensorNames.ImageEmbeddings, 2, options.EmbedSize),
            gathered[TensorNames.CaptionEmbeddings]);
        var ids = gathered[TensorNames.ImageIds];
        var same = ids.unsqueeze(0).eq(ids.unsqueeze(1));
        var hardest = options.MaxViolation && step / stepsPerEpoch >= options.SumEpochs;
        var total = Part("base", options.BaseLoss, images, captions);
        if (step < options.Warmup)
        {
            return scope.MoveToOuter(total);
        }

        var (towards, from) = relations.forward(
            gathered[TensorNames.ImageFragments], gathered[TensorNames.CaptionFragments],
            [.. gathered[TensorNames.Words].ToArray<float>().Select(length => (int)length)]);
        var (relatedImages, relatedCaptions) = Relate(gathered, images, captions, towards, from);
        total += Part("gnn1", options.GraphLoss, images, relatedCaptions);
        total += Part("gnn2", options.GraphLoss, relatedImages, captions);
        total += Part("gnn3", options.GraphLoss, relatedImages, relatedCaptions);
        var regularisation = Regularisation(images, captions, towards, from);
        Probe?.Invoke("loss/regularisation", regularisation);
        return scope.MoveToOuter(total + (regularisation * options.RegularizationWeight));

        Tensor Part(string name, string kind, Tensor left, Tensor right)
        {
            var loss = kind == HremObjectiveOptions.Sampled
                ? Triplets.Loss(left, right, same)
                : BidirectionalHinge.Of(Similarity.Dot(left, right), options.Margin, hardest, same);
            Probe?.Invoke($"loss/{name}", loss);
            return loss;
        }
    }

    /// <summary>Before relations take part the network has no gradient, and decay must not move it.</summary>
    public void BeforeUpdate(long step, long stepsPerEpoch)
    {
        if (step < options.Warmup)
        {
            network.zero_grad();
        }
    }

    /// <summary>All instances as one sequence, [images; captions], through the transformer layer: whom an instance may
    /// look at, and how closely, its relations say.</summary>
    private (Tensor Images, Tensor Captions) Relate(
        NamedTensors gathered, Tensor images, Tensor captions, Relation towards, Relation from)
    {
        var (ofImages, ofCaptions) = (Among(images), Among(captions));
        Report("i2i", ofImages);
        Report("t2t", ofCaptions);
        Report("i2t", from);
        Report("t2i", towards);
        var closeness = Square(
            ofImages.Closeness, from.Closeness, towards.Closeness, ofCaptions.Closeness);
        var connected = Square(
            ofImages.Connected, from.Connected, towards.Connected, ofCaptions.Connected);
        var bias = (closeness * options.MaskWeight).masked_fill(connected.logical_not(), double.NegativeInfinity);
        Probe?.Invoke("gnn_mask", bias);
        var all = options.NormalizeInput
            ? torch.cat([images, captions], 0)
            : torch.cat([gathered[TensorNames.ImageUnscaled], gathered[TensorNames.CaptionUnscaled]], 0);
        var related = instances.forward(all.unsqueeze(1), null, bias).squeeze(1);
        Probe?.Invoke("gnn_out", related);
        var unit = Normalization.Guarded(related);
        var size = images.shape[0];
        return (unit.narrow(0, 0, size), unit.narrow(0, size, size));
    }

    private static Tensor Square(Tensor imageImage, Tensor imageText, Tensor textImage, Tensor textText) => torch.cat(
        [torch.cat([imageImage, imageText], 1), torch.cat([textImage, textText], 1)], 0);

    /// <summary>Relations within a modality: near ones by their product, closeness by their distance.</summary>
    private Relation Among(Tensor rows) => new(
        FragmentRelations.Closest(Similarity.Dot(rows, rows), options.Threshold),
        torch.cdist(rows, rows).neg().exp());

    /// <summary>The relations shall order instances as their distances do.</summary>
    private static Tensor Regularisation(Tensor images, Tensor captions, Relation towards, Relation from)
    {
        var goal = torch.cdist(images, captions).neg().exp().detach();
        return Divergence(from.Closeness, goal) + Divergence(towards.Closeness, goal.transpose(0, 1));

        static Tensor Divergence(Tensor own, Tensor other)
        {
            var (left, right) = (
                torch.nn.functional.log_softmax(own, 1), torch.nn.functional.log_softmax(other, 1));
            return (left.exp() * (left - right)).sum() / own.shape[0];
        }
    }

    private void Report(string name, Relation relation)
    {
        Probe?.Invoke($"connect_{name}", relation.Connected);
        Probe?.Invoke($"relation_{name}", relation.Closeness);
    }
}
