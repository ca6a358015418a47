using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>Reads the settings of kaylode's TERN: numbers from <c>meta/</c>; aggregation and loss, which are no
/// numbers, from the name, <c>ktern_AGGREGATION_…_LOSS.npz</c>.</summary>
internal sealed class KaylodeSettings
{
    private static readonly IReadOnlyDictionary<string, string> Names =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [TensorNames.Features] = "feats",
            [TensorNames.Boxes] = "loc_feats",
            [TensorNames.CaptionFeatures] = "lang_feats",
            [TensorNames.CaptionLengths] = "input_lengths",
            [TensorNames.ImageEmbeddings] = "visual",
            [TensorNames.CaptionEmbeddings] = "lang",
        };

    private readonly NpzFile file;

    public KaylodeSettings(string name, NpzFile file)
    {
        this.file = file;
        var parts = Path.GetFileNameWithoutExtension(name).Split('_');
        Model = new KaylodeTernOptions
        {
            EmbedSize = Whole("d_embed"),
            ModelDim = Whole("d_model"),
            Feedforward = Whole("d_ff"),
            Heads = Whole("heads"),
            ImageLayers = Whole("N_v"),
            TextLayers = Whole("N_l"),
            SharedLayers = Whole("num_sw_layers"),
            Dropout = 0,
            Aggregation = parts.First(part => part is "mean" or "first"),
            BoxDim = (int)file["input/loc_feats"].Shape[^1],
        };
        Inputs = new ModelInputs(Whole("feat_dim"), Whole("d_model"), 0);
        Optimizer = new AdamOptions
        {
            Beta1 = Meta("beta1"),
            Beta2 = Meta("beta2"),
            Epsilon = Meta("eps"),
            WeightDecay = Meta("weight_decay"),
            Decoupled = true,
        };
        Objective = parts.First(part => part is "contrastive" or "triplet" or "ntxent" or "customntxent") switch
        {
            "contrastive" => new Contrastive(new ContrastiveOptions()),
            "triplet" => new TripletMargin(new TripletOptions()),
            "ntxent" => new NtXent(new NtXentOptions()),
            _ => new CustomNtXent(new CustomNtXentOptions()),
        };
    }

    public GoldenSetup Setup => new(new KaylodeTernEncoder(Model, Inputs), Objective)
    {
        Options = Model,
        Inputs = Inputs,
        Adam = Optimizer,
        Names = Names,
        PartsElsewhere = true,
    };

    private KaylodeTernOptions Model { get; }

    private ModelInputs Inputs { get; }

    private AdamOptions Optimizer { get; }

    private IObjective Objective { get; }

    private double Meta(string name) => file[$"meta/{name}"].Scalar();

    private int Whole(string name) => (int)Meta(name);
}
