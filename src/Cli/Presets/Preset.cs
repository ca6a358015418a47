using Colony.Data;
using Colony.Jobs;
using Colony.Model;

namespace Colony.Cli.Presets;

/// <summary>A job file of <c>configs/</c> that stands for a published system on a data set. Its data need not be here:
/// the widths are those of the paper, or of the Flickr8k files' README.</summary>
/// <param name="Name">The file's name without its ending.</param>
/// <param name="Job">What it says.</param>
/// <param name="Model">The model that it names.</param>
internal sealed record Preset(string Name, Job Job, ModelEntry Model)
{
    /// <summary>The world that the demo draws stands for no published system.</summary>
    private const string Demo = "demo";

    /// <summary>Of bert-base-uncased.</summary>
    private const int WordPieces = 30_522;
    private const int BertWidth = 768;
    private const int GloveWidth = 300;

    /// <summary>A region of a detector, and the last layer but one of VGG, which the VSE family reads.</summary>
    private const int RegionWidth = 2048;
    private const int VggWidth = 4096;

    private const int Flickr8kWidth = 1280;
    private const int Flickr8kCellWidth = 256;

    public string Images => IsFlat
        ? $"{ImageWidth} values an image"
        : $"{ImageWidth} values a region{(Data.Boxes.Length > 0 ? ", boxes" : string.Empty)}";

    public string Captions => Data.Text switch
    {
        "bert" => "word pieces",
        "vectors" => $"GloVe vectors, {TokenWidth} values a word",
        "features" => $"{TokenWidth} values a token",
        _ => "words",
    };

    private DatasetOptions Data => (DatasetOptions)Job.Data;

    private bool IsFlat => Job.Model.Options is VseOptions;

    private int ImageWidth => (Name.Contains("flickr8k", StringComparison.Ordinal), IsFlat) switch
    {
        (true, true) => Flickr8kWidth,
        (true, false) => Flickr8kCellWidth,
        (false, true) => VggWidth,
        (false, false) => RegionWidth,
    };

    private int TokenWidth => Data.Text switch { "vectors" => GloveWidth, "features" => BertWidth, _ => 0 };

    /// <summary>All of them, which travel beside the program.</summary>
    /// <exception cref="UsageException">They are not there.</exception>
    public static IReadOnlyList<Preset> All()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "configs");
        return Directory.Exists(folder)
            ?
            [
                .. Directory.EnumerateFiles(folder, "*.yaml")
                    .Where(path => Path.GetFileNameWithoutExtension(path) != Demo)
                    .Order(StringComparer.Ordinal).Select(Read),
            ]
            : throw new UsageException($"{folder}: there is no such folder; the program's configs/ belongs beside it");
    }

    /// <summary>What decides the model's size beside its options.</summary>
    /// <param name="words">Words of the vocabulary, where captions are words.</param>
    public ModelInputs Inputs(int words) => new(ImageWidth, TokenWidth, Data.Text switch
    {
        "words" => words,
        "bert" => WordPieces,
        _ => 0,
    });

    private static Preset Read(string path)
    {
        Job job = JobSource.Read(path, []).Job;
        return new Preset(Path.GetFileNameWithoutExtension(path), job, ModelRegistry.Get(job.Model.Name));
    }
}
