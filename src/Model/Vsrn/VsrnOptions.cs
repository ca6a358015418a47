using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>VSRN (Li et al., "Visual Semantic Reasoning for Image-Text Matching", ICCV 2019; KunpengLi1994/VSRN). The
/// defaults are the published Flickr30K configuration.</summary>
public record VsrnOptions
{
    internal const string Flickr = "f30k";

    /// <summary>Size E of the common embedding, and of regions inside.</summary>
    [Range(1, 16384)]
    public int EmbedSize { get; init; } = 2048;

    /// <summary>Width of a word vector.</summary>
    [Range(1, 16384)]
    public int WordDim { get; init; } = 300;

    /// <summary>Layers of the text GRU.</summary>
    [Range(1, 8)]
    public int TextLayers { get; init; } = 1;

    /// <summary>Which of the two published image branches: <c>f30k</c> has a BatchNorm before the embedding is
    /// normalised, <c>coco</c> normalises features over the regions before reasoning.</summary>
    [AllowedValues(Flickr, "coco")]
    public string Variant { get; init; } = Flickr;

    /// <summary>Whether the image side also learns to say the caption; its loss is added while training.</summary>
    public bool Captioning { get; init; } = true;

    /// <summary>Width of the captioner's GRUs.</summary>
    [Range(1, 16384)]
    public int CaptionHidden { get; init; } = 512;

    /// <summary>Width of the captioner's word vectors.</summary>
    [Range(1, 16384)]
    public int CaptionWordDim { get; init; } = 300;

    /// <summary>Longest caption that is said, start and end included.</summary>
    [Range(3, 1024)]
    public int CaptionLength { get; init; } = 60;

    /// <summary>Whether the captioner reads the regions in both directions.</summary>
    public bool CaptionBidirectional { get; init; }

    /// <summary>Dropout of the captioner's inputs.</summary>
    [Range(0.0, 0.99)]
    public double Dropout { get; init; } = 0.2;
}
