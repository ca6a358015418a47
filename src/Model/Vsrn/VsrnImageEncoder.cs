using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>What VSRN's image branch makes of a slice.</summary>
/// <param name="Concepts">Projected regions [b, R, E], before reasoning.</param>
/// <param name="Reasoned">Regions after reasoning [b, R, E].</param>
/// <param name="Regions">The same, normalised over the regions of an image.</param>
/// <param name="Embedding">[b, E], of length 1.</param>
internal readonly record struct VsrnImages(Tensor Concepts, Tensor Reasoned, Tensor Regions, Tensor Embedding);

/// <summary>VSRN's image branch: projection, four layers of region reasoning, a GRU as memory over the regions in their
/// order.</summary>
internal sealed class VsrnImageEncoder : torch.nn.Module, IProbed
{
    private const int Layers = 4;

    private readonly long featureDim;
    private readonly bool flickr;
    private readonly Linear projection;
    private readonly RegionReasoning[] reasoning;
    private readonly GRU memory;
    private readonly BatchNorm1d? norm;

    public VsrnImageEncoder(VsrnOptions options, ModelInputs inputs)
    {
        var width = options.EmbedSize;
        featureDim = inputs.FeatureDim;
        flickr = options.Variant == VsrnOptions.Flickr;
        projection = Initial.Xavier(torch.nn.Linear(featureDim, width));
        memory = torch.nn.GRU(width, width);
        reasoning = new RegionReasoning[Layers];
        register_module("fc", projection);
        register_module("img_rnn", memory);
        for (var i = 0; i < Layers; i++)
        {
            reasoning[i] = register_module($"Rs_GCN_{i + 1}", new RegionReasoning(width));
        }

        if (flickr)
        {
            norm = register_module("bn", torch.nn.BatchNorm1d(width));
        }
    }

    public Action<string, Tensor>? Probe { get; set; }

    /// <summary>Encodes a batch, in the caller's scope.</summary>
    public VsrnImages forward(NamedTensors batch)
    {
        var features = projection.forward(Batch.Require(batch, TensorNames.Features, 3, featureDim));

        // The second dimension is the regions': that is how it was published.
        var concepts = flickr ? features : Normalization.Exact(features);
        var nodes = concepts.transpose(1, 2).contiguous();
        for (var i = 0; i < Layers; i++)
        {
            nodes = reasoning[i].forward(nodes);
            Probe?.Invoke($"rs_gcn_{i + 1}", nodes);
        }

        var reasoned = nodes.transpose(1, 2).contiguous();
        var regions = Normalization.Exact(reasoned);
        Probe?.Invoke("gcn_img_emb", regions);
        var state = memory.forward(regions).hidden.select(0, 0);
        return new VsrnImages(concepts, reasoned, regions, Normalization.Exact(norm?.forward(state) ?? state));
    }
}
