using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>
/// One linear layer for images, one GRU for captions: order embeddings (Vendrov et al., ICLR 2016), VSE0 and VSE++
/// (Faghri et al., BMVC 2018; fartashf/vsepp). The defaults are VSE++; which of the systems it is, these options and
/// the objective's decide together.
/// </summary>
public sealed record VseOptions
{
    /// <summary>Size E of the common embedding.</summary>
    [Range(1, 16384)]
    public int EmbedSize { get; init; } = 1024;

    /// <summary>Width of a word vector.</summary>
    [Range(1, 16384)]
    public int WordDim { get; init; } = 300;

    /// <summary>Layers of the GRU.</summary>
    [Range(1, 8)]
    public int TextLayers { get; init; } = 1;

    /// <summary>Absolute values of both embeddings, as order embeddings have them.</summary>
    public bool Absolute { get; init; }

    /// <summary>Whether image embeddings get length 1; not in VSE0.</summary>
    public bool NormalizeImages { get; init; } = true;

    /// <summary>Whether caption embeddings get length 1.</summary>
    public bool NormalizeCaptions { get; init; } = true;
}
