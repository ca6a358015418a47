using Colony.Torch;

namespace Colony.Model;

/// <summary>SelfAlign's objective: hinge, concept level and context level, all on the gathered batch. The prototypes
/// are its own parameters.</summary>
internal sealed class SelfAlignObjective : IObjective, IProbed
{
    /// <summary>What the published state's third part is called in the code that wrote it.</summary>
    internal const string Prefix = "region_loss.";

    private readonly SelfAlignOptions options;
    private readonly BidirectionalHinge hinge;
    private readonly Concepts concepts;

    public SelfAlignObjective(SelfAlignOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        hinge = new BidirectionalHinge(new HingeOptions
        {
            Margin = options.Margin, MaxViolation = options.MaxViolation, Measure = options.Measure,
        });
        concepts = new Concepts(options);
    }

    public IReadOnlyList<string> Inputs { get; } =
    [
        TensorNames.ImageEmbeddings, TensorNames.CaptionEmbeddings, TensorNames.ImageConcepts,
        TensorNames.CaptionConcepts, TensorNames.ImageLocals, TensorNames.CaptionLocals, TensorNames.ImageGlobals,
        TensorNames.CaptionGlobals, TensorNames.Words,
    ];

    public torch.nn.Module Module => concepts;

    public string PublishedPrefix => Prefix;

    public Action<string, Tensor>? Probe { get; set; }

    public Tensor Loss(NamedTensors gathered, long step, long stepsPerEpoch)
    {
        ArgumentNullException.ThrowIfNull(gathered);
        using var scope = torch.NewDisposeScope();
        var ranking = hinge.Loss(gathered, step, stepsPerEpoch);
        var concept = concepts.Loss(
            Batch.Require(gathered, TensorNames.ImageConcepts, 3, options.EmbedSize),
            gathered[TensorNames.CaptionConcepts], gathered[TensorNames.Words], Probe);
        var toCaptions = ContextContrast.Loss(
            gathered[TensorNames.ImageLocals], gathered[TensorNames.CaptionGlobals], options.RegionTemperature,
            options.Negatives);
        var toImages = ContextContrast.Loss(
            gathered[TensorNames.CaptionLocals], gathered[TensorNames.ImageGlobals], options.WordTemperature,
            options.Negatives);
        Probe?.Invoke("loss/ranking", ranking);
        Probe?.Invoke("loss/retrieval", ranking);
        Probe?.Invoke("loss/concept", concept);
        Probe?.Invoke("loss/v2t_context", toCaptions);
        Probe?.Invoke("loss/t2v_context", toImages);
        return scope.MoveToOuter(
            ranking + (concept * options.ConceptWeight) + ((toCaptions + toImages) * options.ContextWeight));
    }

    public void BeforeUpdate(long step, long stepsPerEpoch)
    {
        concepts.Normalize();
        if (step / stepsPerEpoch < options.FrozenEpochs)
        {
            concepts.Freeze();
        }
    }

    public Tensor Scores(Tensor images, Tensor captions) => hinge.Scores(images, captions);
}
