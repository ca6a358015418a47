namespace Colony.Model;

/// <summary>The names of tensors in batches and encoder outputs; b samples, R regions, T tokens.</summary>
public static class TensorNames
{
    /// <summary>Region features [b, R, D], float32. For TERN row 0 is the zero row of its image CLS slot.</summary>
    public const string Features = "features";

    /// <summary>Boxes of the regions [b, R, 4] (x1, y1, x2, y2), float32.</summary>
    public const string Boxes = "boxes";

    /// <summary>Width and height of the images [b, 2] in pixels, float32, where they are known.</summary>
    public const string ImageSizes = "image_sizes";

    /// <summary>Valid rows of <see cref="Features"/> [b], int64; what lies behind is zero.</summary>
    public const string FeatureLengths = "feat_len";

    /// <summary>Word ids [b, T], int64; 0 is padding.</summary>
    public const string Captions = "captions";

    /// <summary>Pre-extracted token features [b, T, W], float32.</summary>
    public const string CaptionFeatures = "cap_features";

    /// <summary>Valid tokens [b], int64.</summary>
    public const string CaptionLengths = "cap_len";

    /// <summary>Image embeddings [b, E]; of a model with K views [b, K * E], view after view.</summary>
    public const string ImageEmbeddings = "img_emb";

    /// <summary>Caption embeddings [b, E].</summary>
    public const string CaptionEmbeddings = "cap_emb";

    /// <summary>Valid words or tokens of each caption [b], as float32, for objectives.</summary>
    public const string Words = "words";

    /// <summary>Projected regions [b, R, E], of length 1.</summary>
    public const string ImageConcepts = "img_concepts";

    /// <summary>Projected words [b, T, E], of length 1.</summary>
    public const string CaptionConcepts = "cap_concepts";

    /// <summary>Regions in their context [b, R, E].</summary>
    public const string ImageLocals = "img_locals";

    /// <summary>Words in their context [b, T, E].</summary>
    public const string CaptionLocals = "cap_locals";

    /// <summary>Images as wholes [b, E], beside their embeddings.</summary>
    public const string ImageGlobals = "img_globals";

    /// <summary>Captions as wholes [b, E], beside their embeddings.</summary>
    public const string CaptionGlobals = "cap_globals";

    /// <summary>The image of each sample in its data set [b], int64.</summary>
    public const string Image = "image";

    /// <summary>The same as float32, for objectives; exact for data sets of up to 2^24 images.</summary>
    public const string ImageIds = "img_ids";

    /// <summary>Image embeddings before they got length 1 [b, E].</summary>
    public const string ImageUnscaled = "img_unscaled";

    /// <summary>Caption embeddings before they got length 1 [b, E].</summary>
    public const string CaptionUnscaled = "cap_unscaled";

    /// <summary>Projected regions [b, R, E], without graph.</summary>
    public const string ImageFragments = "img_fragments";

    /// <summary>Projected tokens [b, T, E], without graph.</summary>
    public const string CaptionFragments = "cap_fragments";

    /// <summary>Samples of the whole global batch that a slice belongs to: a single int64. Absent outside
    /// training.</summary>
    public const string BatchRows = "batch_rows";

    /// <summary>A scalar that an encoder adds to the loss of its slice; the step's loss has the sum over all
    /// slices.</summary>
    public const string ExtraLoss = "extra_loss";
}
