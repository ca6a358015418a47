using Colony.Data;
using Colony.Jobs;

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

    /// <summary>
    /// Opens the splits that the job names once, so that what is wrong with the data shows before anything starts.
    /// </summary>
    public void CheckData()
    {
        var options = (DatasetOptions)Job.Data with { BaseDirectory = BaseDirectory };
        string[] splits = ["train", Job.Evaluate.Split, .. Job.Evaluate.FinalSplit is { } final ? new[] { final } : []];
        foreach (string split in splits.Distinct(StringComparer.Ordinal))
        {
            using IDataset dataset = Datasets.Open(options, split);
            if (dataset.Samples < Job.Batch.Size && string.Equals(split, "train", StringComparison.Ordinal))
            {
                throw new DataException(
                    $"{options.Path}: the train split has {dataset.Samples} samples and batch.size is "
                    + $"{Job.Batch.Size}; make the batch smaller or the data larger");
            }
        }
    }
}
