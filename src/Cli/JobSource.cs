using Colony.Data;
using Colony.Jobs;
using Colony.Model;
using Colony.Storage;
using Colony.Torch;

namespace Colony.Cli;

/// <summary>A job as it was read from a file, with the folder that its relative paths start from.</summary>
internal sealed record JobSource(Job Job, string BaseDirectory)
{
    /// <summary>Name of the resolved job inside a run's folder.</summary>
    public const string ResolvedName = "job.yaml";

    /// <summary>Longest job file that is read.</summary>
    private const long MaxBytes = 1 << 20;

    /// <summary>Reads and validates a job file with its overrides.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sets">Overrides, <c>path.to.key=value</c>.</param>
    /// <param name="baseDirectory">What relative paths are relative to; null for the file's own folder.</param>
    /// <exception cref="JobException">All errors, one a line.</exception>
    public static JobSource Read(string path, IEnumerable<string> sets, string? baseDirectory = null)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new UsageException($"{path}: there is no such job file; see configs/ for examples");
        }

        if (file.Length > MaxBytes)
        {
            throw new UsageException($"{path}: {file.Length} bytes are no job file; at most {MaxBytes} are read");
        }

        Job job = JobFile.Parse(
            File.ReadAllText(path), path, [.. sets.Select(Override.Parse)], JobVocabulary.Instance).OrThrow();
        return new JobSource(job, baseDirectory ?? file.Directory!.FullName);
    }

    /// <summary>Says in a sentence, instead of in libtorch's pages, that this machine lacks the job's device.</summary>
    /// <exception cref="UsageException">The job computes on CUDA and libtorch sees no CUDA device here.</exception>
    public void CheckDevice()
    {
        if (Job.Train.Device.StartsWith("cuda", StringComparison.Ordinal) && !torch.cuda.is_available())
        {
            throw new UsageException(
                $"train.device is {Job.Train.Device}, and libtorch sees no CUDA device here; write train.device: cpu, "
                + "or start this where the device is, with LIBTORCH_HOME naming a CUDA build");
        }
    }

    /// <summary>
    /// Opens the splits that the job names once, so that what is wrong with the data shows before anything starts.
    /// </summary>
    public void CheckData()
    {
        var options = (DatasetOptions)Job.Data with { BaseDirectory = BaseDirectory };
        CheckWeights();
        string[] splits = ["train", Job.Evaluate.Split, .. Job.Evaluate.FinalSplit is { } final ? new[] { final } : []];
        foreach (string split in splits.Distinct(StringComparer.Ordinal))
        {
            using IDataset dataset = Datasets.Open(options, split);
            CheckCaptions(options, split, dataset.LongestCaption);
            if (dataset.Samples < Job.Batch.Size && string.Equals(split, "train", StringComparison.Ordinal))
            {
                throw new DataException(
                    $"{options.Path}: the train split has {dataset.Samples} samples and batch.size is "
                    + $"{Job.Batch.Size}; make the batch smaller or the data larger");
            }
        }
    }

    /// <summary>Whether the weights to begin with are there, and safetensors; their names are the worker's to
    /// check.</summary>
    private void CheckWeights()
    {
        if (Job.Train.InitialWeights is { Length: > 0 } file)
        {
            using SafetensorsReader reader = SafetensorsReader.Open(
                Path.GetFullPath(file, Path.GetFullPath(BaseDirectory)));
        }
    }

    private void CheckCaptions(DatasetOptions options, string split, int longest)
    {
        if (Job.Model.Options is not IBertOptions { ReadsWordPieces: true } bert)
        {
            return;
        }

        if (!string.Equals(options.Text, "bert", StringComparison.Ordinal))
        {
            throw new UsageException(
                $"model.text is bert, and data.text is {options.Text}; write data.text: bert with data.word_pieces, or "
                + "choose another model.text");
        }

        if (longest > bert.LongestCaption)
        {
            throw new DataException(
                $"{options.Path}: the {split} split has a caption of {longest} word pieces, and the model takes "
                + $"{bert.LongestCaption}; data.max_words: {bert.LongestCaption - 2} cuts longer captions");
        }
    }
}
