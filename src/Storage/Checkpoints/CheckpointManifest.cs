namespace Colony.Storage;

/// <summary>One file of a checkpoint.</summary>
/// <param name="Name">Its name in the step's folder: <c>part-0-of-2.safetensors</c>.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its SHA-256, 64 lower-case hexadecimal digits.</param>
public sealed record CheckpointPart(string Name, long Bytes, string Sha256);

/// <summary>What became of the samples of one epoch up to the checkpoint's step.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Expected">Samples that the epoch's committed steps were to consume.</param>
/// <param name="Consumed">Samples that they consumed.</param>
/// <param name="Duplicates">Samples consumed more than once.</param>
/// <param name="Missing">Samples due and not consumed.</param>
public sealed record LedgerEpoch(long Epoch, long Expected, long Consumed, long Duplicates, long Missing);

/// <summary>The evaluation of a checkpoint's weights. Recalls are in percent.</summary>
public sealed record EvaluationSummary
{
    /// <summary>The split evaluated on.</summary>
    public required string Split { get; init; }

    /// <summary>The sum of the six recalls, 0 to 600: what <c>best</c> is chosen by.</summary>
    public required double Rsum { get; init; }

    /// <summary>Recall at 1, 5 and 10 of captions for an image.</summary>
    public IReadOnlyList<double> ImageToText { get; init; } = [];

    /// <summary>Recall at 1, 5 and 10 of images for a caption.</summary>
    public IReadOnlyList<double> TextToImage { get; init; } = [];
}

/// <summary>
/// What a checkpoint is: its presence in the store is the commit. Everything needed to resume at any number of workers
/// is here or in the parts.
/// </summary>
public sealed record CheckpointManifest
{
    /// <summary>The version of this layout that this program writes, and the newest it reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The layout's version.</summary>
    public int FormatVersion { get; init; } = CurrentFormat;

    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>The hash of the job's fixed settings; a run with another one must not resume from here.</summary>
    public required string JobHash { get; init; }

    /// <summary>The last step whose update is in the weights.</summary>
    public required long Step { get; init; }

    /// <summary>The generation that committed the step.</summary>
    public required long Generation { get; init; }

    /// <summary>
    /// The digest of all parameters and optimizer state after the step: 16 lower-case hexadecimal digits.
    /// </summary>
    public required string Digest { get; init; }

    /// <summary>
    /// The SHA-256 of the weights alone (see <see cref="SafetensorsWriter.HashAsync"/>); null where it was not
    /// computed.
    /// </summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>When the checkpoint was committed, by the committer's clock.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The account of samples, one entry an epoch.</summary>
    public IReadOnlyList<LedgerEpoch> Ledger { get; init; } = [];

    /// <summary>Samples in the training split.</summary>
    public long DatasetSamples { get; init; }

    /// <summary>
    /// The samples of the open epoch that were consumed, as bits in base 64, sample 0 in the lowest bit of the first
    /// byte.
    /// </summary>
    public string OpenEpochSamples { get; init; } = string.Empty;

    /// <summary>The evaluation known at the commit, or null; later ones are beside the manifest.</summary>
    public EvaluationSummary? Evaluation { get; init; }

    /// <summary>The checkpoint's files, in order of their numbers.</summary>
    public required IReadOnlyList<CheckpointPart> Parts { get; init; }

    /// <summary>
    /// Which part each tensor is in. <see cref="CheckpointCatalog.CommitAsync"/> fills it from the parts.
    /// </summary>
    public IReadOnlyDictionary<string, string> Tensors { get; init; } = new Dictionary<string, string>();

    /// <summary>The resolved job file: the run can be repeated from it alone.</summary>
    public required string JobYaml { get; init; }
}
