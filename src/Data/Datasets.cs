using System.ComponentModel.DataAnnotations;

namespace Colony.Data;

/// <summary>Opens data sets.</summary>
public static class Datasets
{
    /// <summary>
    /// Opens one split and checks that its files go together. Feature files are mapped, not loaded; captions are
    /// read whole.
    /// </summary>
    /// <param name="options">The data section.</param>
    /// <param name="split">The split as the files name it: train, dev, test.</param>
    /// <param name="note">Told in words what loading waits for; null for nobody.</param>
    /// <exception cref="DataException">An option is wrong, or a file is missing or not what its neighbours
    /// say.</exception>
    public static IDataset Open(DatasetOptions options, string split, Action<string>? note = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(split);
        CheckOptions(options, split);
        var (images, captions) = OpenSides(options, split, note);
        return new Dataset(images, captions, options) { Shards = PackedSplit.Order(options, images) };
    }

    /// <summary>Both sides of a split as its format has them, before anything is done to the features.</summary>
    internal static (IImages Images, ICaptions Captions) OpenSides(
        DatasetOptions options, string split, Action<string>? note = null)
        => options.Format switch
        {
            "precomp" => PrecompSplit.Open(options, split),
            "karpathy" or "tokens" => CaptionFileSplit.Open(options, split),
            "packed" => PackedSplit.Open(options, split, note),
            _ => PerSampleSplit.Open(options, split),
        };

    /// <summary>Where the text of a caption stands, for errors.</summary>
    /// <param name="options">The data section.</param>
    /// <param name="split">The split.</param>
    /// <param name="sample">The caption, from 0.</param>
    public static string CaptionPlace(DatasetOptions options, string split, int sample)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Format switch
        {
            "precomp" => $"{options.InFolder($"{split}_caps.txt")}: line {sample + 1}",
            "packed" => $"{options.Path}/{split}-captions.jsonl: line {(sample / options.CaptionsPerImage) + 1}",
            _ => $"{options.InFolder(options.CaptionFile)}: caption {sample + 1} of the split '{split}'",
        };
    }

    internal static void CheckOptions(DatasetOptions options, string split)
    {
        var problems = new List<ValidationResult>();
        var context = new ValidationContext(options);
        if (!Validator.TryValidateObject(options, context, problems, validateAllProperties: true))
        {
            throw new DataException($"data: {problems[0].ErrorMessage}");
        }

        if (!split.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            throw new DataException($"data: a split is named by letters and digits, not '{split}'.");
        }

        switch (options.Text)
        {
            case "vectors" when options.Vectors.Length == 0 || options.VectorWords.Length == 0:
                throw new DataException(
                    "data: text: vectors needs vectors (an .npy table) and vector_words (its words).");
            case "bert" when options.WordPieces.Length == 0:
                throw new DataException("data: text: bert needs word_pieces, the vocab.txt of the BERT.");
            case "features" when options.TextFeatures.Length == 0 && options.Format != PackedSplit.Format:
                throw new DataException("data: text: features needs text_features, the folder with a file a caption.");
        }

        PackedSplit.CheckOptions(options);
        if (!options.IsStreamed && !Directory.Exists(options.Folder))
        {
            throw new DataException(
                $"data: path: there is no folder {options.Folder}; correct the path or make the data.");
        }
    }
}
