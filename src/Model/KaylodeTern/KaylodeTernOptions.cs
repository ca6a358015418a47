using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>TERN as re-made in kaylode/tern (pre-norm, learned CLS tokens, no masks); the defaults are
/// published.</summary>
public sealed record KaylodeTernOptions
{
    /// <summary>Size of the common embedding.</summary>
    [Range(1, 16384)]
    public int EmbedSize { get; init; } = 1024;

    /// <summary>Width of the transformers; with no text transformer and no shared layer still the token features'
    /// width.</summary>
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
}
