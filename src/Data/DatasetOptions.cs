using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Runtime.Serialization;

namespace Colony.Data;

/// <summary>
/// The <c>data:</c> section of a job: where features and captions lie and in which form the model reads them.
/// Relative paths are resolved against <see cref="BaseDirectory"/>.
/// </summary>
public sealed record DatasetOptions
{
    /// <summary><c>precomp</c>: SCAN's arrays for a whole split; <c>per_sample</c>: one feature file an image
    /// (TERN, kaylode); <c>karpathy</c>: captions and splits of <c>dataset_*.json</c>; <c>tokens</c>: Flickr's token
    /// file with a list of file names a split; <c>packed</c>: shards that <c>colony data pack</c> wrote.</summary>
    [AllowedValues("precomp", "per_sample", "karpathy", "tokens", "packed")]
    public string Format { get; init; } = "precomp";

    /// <summary>The folder of the data set; for <c>packed</c> also <c>s3://bucket/prefix</c> or
    /// <c>file:///folder</c>, which are streamed through <see cref="Cache"/>.</summary>
    [Required]
    public string Path { get; init; } = "";

    /// <summary>
    /// precomp: the name X in <c>{split}_X.npy</c>. per_sample: the folder with one <c>.npz</c> (key <c>feat</c>) or
    /// <c>.npy</c> an image. karpathy and tokens: such a folder, or a name ending in <c>.npy</c>: an array of a row for
    /// each image of the split, in its order, if the name holds <c>{split}</c>, else of all images in the order of
    /// <see cref="CaptionFile"/>.
    /// </summary>
    [Required]
    public string Features { get; init; } = "ims";

    /// <summary>
    /// Boxes of the regions; empty for none. precomp: the name X in <c>{split}_X.npy</c> (N×R×4 pixels, with
    /// <c>{split}_img_sizes.npy</c>), or a file name ending in <c>.npy</c> of one table R×4 of fractions for all
    /// images. per_sample: the folder with one file an image. karpathy and tokens: as the features have it; beside an
    /// array of all images <c>X.npy</c> and <c>img_sizes.npy</c>.
    /// </summary>
    public string Boxes { get; init; } = "";

    /// <summary>
    /// per_sample only. <c>fractions</c>: pixels are divided by the image's width and height (TERN); <c>raw</c>:
    /// the numbers as they are, however many columns (kaylode).
    /// </summary>
    [AllowedValues("fractions", "raw")]
    public string BoxScale { get; init; } = "fractions";

    /// <summary>
    /// <c>words</c>: ids of a vocabulary; <c>vectors</c>: given word vectors behind a zero row; <c>features</c>:
    /// token features, one file a caption (per_sample and karpathy, whose captions have ids); <c>bert</c>: ids of word
    /// pieces between <c>[CLS]</c> and <c>[SEP]</c>.
    /// </summary>
    [AllowedValues("words", "vectors", "features", "bert")]
    public string Text { get; init; } = "words";

    /// <summary>The table of word vectors (<c>.npy</c>), for <c>text: vectors</c>; relative to the folder.</summary>
    public string Vectors { get; init; } = "";

    /// <summary>The text file with the word of each row of <see cref="Vectors"/>; relative to the folder.</summary>
    public string VectorWords { get; init; } = "";

    /// <summary>The folder with one file a caption (named by annotation id, or by Karpathy's <c>sentid</c>), for
    /// <c>text: features</c>.</summary>
    public string TextFeatures { get; init; } = "";

    /// <summary>The BERT's <c>vocab.txt</c>, for <c>text: bert</c>; relative to the folder.</summary>
    [DataMember(EmitDefaultValue = false)]
    public string WordPieces { get; init; } = "";

    /// <summary>Whose word piece tokenizer, for <c>text: bert</c>: <c>transformers</c> (TERN), <c>hrem</c> (also
    /// VSE-infinity), <c>camera</c>, <c>google</c>.</summary>
    [DataMember(EmitDefaultValue = false)]
    [AllowedValues("transformers", "hrem", "google", "camera")]
    public string PieceRules { get; init; } = "transformers";

    /// <summary>Whether the BERT is an uncased one, for <c>text: bert</c>.</summary>
    [DataMember(EmitDefaultValue = false)]
    public bool LowerCase { get; init; } = true;

    /// <summary>per_sample: COCO-style annotation files, comma-separated; <c>{split}</c> stands for the
    /// split.</summary>
    public string Annotations { get; init; } = "{split}.json";

    /// <summary>per_sample: <c>.npy</c> files of the annotation ids of the split (TERN), comma-separated;
    /// <c>{split}</c> stands for the split; empty takes all annotations.</summary>
    public string SplitIds { get; init; } = "";

    /// <summary>What an image's own feature file is named by: <c>id</c> of the image (TERN; karpathy: <c>imgid</c>),
    /// <c>stem</c> of its file name (kaylode; tokens: always), or <c>cocoid</c> (karpathy).</summary>
    [AllowedValues("id", "stem", "cocoid")]
    public string NamedBy { get; init; } = "id";

    /// <summary>karpathy: the <c>dataset_*.json</c>; tokens: the file of lines <c>NAME#NUMBER</c>, tab, caption.
    /// </summary>
    [DataMember(EmitDefaultValue = false)]
    public string CaptionFile { get; init; } = "";

    /// <summary>tokens: the file with an image's file name a line; <c>{split}</c> stands for the split.</summary>
    [DataMember(EmitDefaultValue = false)]
    public string SplitList { get; init; } = "Flickr_8k.{split}Images.txt";

    /// <summary>karpathy: <c>raw</c> captions through Colony's tokenizer, or the file's own <c>tokens</c>, joined by
    /// spaces.</summary>
    [DataMember(EmitDefaultValue = false)]
    [AllowedValues("raw", "tokens")]
    public string CaptionText { get; init; } = "raw";

    /// <summary>karpathy and per_sample: <c>restval</c>, the part of COCO's validation images that is neither dev nor
    /// test, counts as train, as in published work on COCO. per_sample: the files of <see cref="SplitIds"/>, else of
    /// <see cref="Annotations"/>, whose names hold <c>{split}</c> are then read for both.</summary>
    [DataMember(EmitDefaultValue = false)]
    public bool Restval { get; init; }

    /// <summary>Captions of an image; where there are more, the first ones.</summary>
    [Range(1, MaxCaptionsPerImage)]
    public int CaptionsPerImage { get; init; } = 5;

    /// <summary>A vocabulary JSON to load, relative to the folder; empty builds one from the captions.</summary>
    public string VocabularyFile { get; init; } = "";

    /// <summary>Whether the vocabulary is built from the train and dev captions, as published, or from train
    /// alone.</summary>
    public bool VocabularyFromDev { get; init; } = true;

    /// <summary>The least count of a word in the vocabulary.</summary>
    [Range(1, 1_000_000)]
    public int MinWordCount { get; init; } = 4;

    /// <summary>Words, or word pieces, kept of a caption, the first ones; 0 keeps all. Start, end and zero rows come on
    /// top.</summary>
    [Range(0, 10_000)]
    public int MaxWords { get; init; }

    /// <summary>Puts a zero row and a zero box in front of the regions: the slot of TERN's I-CLS.</summary>
    public bool ImageClsRow { get; init; }

    /// <summary>Divides every feature row by its Euclidean norm.</summary>
    public bool NormalizeImages { get; init; }

    /// <summary>Takes only the first images of each split; 0 takes all. For trying things out.</summary>
    [Range(0, int.MaxValue)]
    public int MaxImages { get; init; }

    /// <summary>Which samples meet in a batch: <c>global</c>, any with any; <c>sharded</c> (packed only), those whose
    /// shards are near in the epoch's order, so that a worker fetches about its share of the files.</summary>
    [DataMember(EmitDefaultValue = false)]
    [AllowedValues("global", "sharded")]
    public string Order { get; init; } = GlobalOrder;

    /// <summary>Shards of a logical rank that are shuffled together, for <c>order: sharded</c>.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(1, 10_000)]
    public int WindowShards { get; init; } = 4;

    /// <summary>The folder into which shards from a store are fetched; it may be shared by processes and data sets.
    /// Empty takes one in the system's folder for temporary files.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Category(SameWeights)]
    public string Cache { get; init; } = "";

    /// <summary>The most bytes that <see cref="Cache"/> may hold.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Category(SameWeights)]
    [Range(1, 1e15)]
    public long CacheBytes { get; init; } = 16L << 30;

    /// <summary>What relative paths are relative to: the folder of the job file. Not part of the job file.</summary>
    [IgnoreDataMember]
    public string BaseDirectory { get; init; } = "";

    internal const int MaxCaptionsPerImage = 100;

    internal const string GlobalOrder = "global";

    /// <summary>Marks keys whose every value gives the same weights: they are not part of a job's hash.</summary>
    private const string SameWeights = "same weights";

    /// <summary>Whether the data lie in a store and come through a cache.</summary>
    internal bool IsStreamed => Path.Contains("://", StringComparison.Ordinal);

    internal string Folder => Resolve(Path);

    /// <summary>A path of the options as a full path.</summary>
    internal string Resolve(string path)
        => System.IO.Path.GetFullPath(System.IO.Path.Combine(
            BaseDirectory.Length == 0 ? Directory.GetCurrentDirectory() : BaseDirectory, path));

    /// <summary>A file of the data set.</summary>
    internal string InFolder(string name) => System.IO.Path.Combine(Folder, name);
}
