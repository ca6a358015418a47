using System.ComponentModel.DataAnnotations;
using System.Runtime.Serialization;

namespace Colony.Model;

/// <summary>TERN as re-made in kaylode/tern (pre-norm, learned CLS tokens, no masks); the defaults are
/// published.</summary>
public sealed record KaylodeTernOptions
{
    /// <summary>Size of the common embedding.</summary>
    [Range(1, 16384)]
    public int EmbedSize { get; init; } = 1024;

    /// <summary>Width of the transformers; with no text transformer and no shared layer still the token features'
    /// width, unless <see cref="ProjectText"/>.</summary>
    [Range(1, 16384)]
    public int ModelDim { get; init; } = 768;

    /// <summary>Hidden width of every feed-forward layer.</summary>
    [Range(1, 65536)]
    public int Feedforward { get; init; } = 2048;

    /// <summary>Heads of every transformer layer; must divide <see cref="ModelDim"/>.</summary>
    [Range(1, 256)]
    public int Heads { get; init; } = 4;

    /// <summary>Transformer layers over the regions.</summary>
    [Range(0, 64)]
    public int ImageLayers { get; init; } = 4;

    /// <summary>Transformer layers over the tokens.</summary>
    [Range(0, 64)]
    public int TextLayers { get; init; }

    /// <summary>Layers that both go through afterwards.</summary>
    [Range(0, 64)]
    public int SharedLayers { get; init; }

    /// <summary>Dropout of the transformers.</summary>
    [Range(0.0, 0.99)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>Mean over all positions (padding included), or the first.</summary>
    [AllowedValues("mean", "first")]
    public string Aggregation { get; init; } = "mean";

    /// <summary>Numbers a box has. When the data brings 4 and this is 5, the area takes the fifth place.</summary>
    [Range(4, 5)]
    public int BoxDim { get; init; } = 5;

    /// <summary>A linear layer brings the token features to <see cref="ModelDim"/>, whatever their width. Not in
    /// kaylode/tern; the project that added relative positions to it has one.</summary>
    [DataMember(EmitDefaultValue = false)]
    public bool ProjectText { get; init; }

    /// <summary>Relative position representations (Shaw et al. 2018) in the transformer over tokens; needs
    /// <see cref="TextLayers"/>. Not in kaylode/tern.</summary>
    [DataMember(EmitDefaultValue = false)]
    public bool TextRelative { get; init; }

    /// <summary>Relative position representations in the transformer over regions; needs <see cref="ImageLayers"/>.
    /// <c>index</c>: by the order of the class slot and the regions; <c>grid</c>: by rows and columns between boxes,
    /// which must be fractions (after iRPE, Wu et al. 2021).</summary>
    [DataMember(EmitDefaultValue = false)]
    [AllowedValues("none", "index", "grid")]
    public string ImageRelative { get; init; } = "none";

    /// <summary>Relative position representations, by the order of positions, in the layers that both go through; needs
    /// <see cref="SharedLayers"/>.</summary>
    [DataMember(EmitDefaultValue = false)]
    public bool SharedRelative { get; init; }

    /// <summary>Distance in tokens, or regions by <c>index</c>, beyond which positions are not told apart.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(1, 1024)]
    public int RelativeDistance { get; init; } = 5;

    /// <summary>Which layers of a transformer with relative positions have them. <c>first</c>: a first layer
    /// <c>rel_layer</c> before plain ones, and no final norm where it is the only layer.</summary>
    [DataMember(EmitDefaultValue = false)]
    [AllowedValues("all", "first")]
    public string RelativeLayers { get; init; } = "all";
}
