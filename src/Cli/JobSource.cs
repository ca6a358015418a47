using Colony.Data;
using Colony.Evaluator;
using Colony.Jobs;
using Colony.Model;
using Colony.Storage;
using Colony.Torch;
using Colony.Worker;

namespace Colony.Cli;

/// <summary>A job as it was read from a file, with the folder that its relative paths start from.</summary>
internal sealed record JobSource(Job Job, string BaseDirectory)
{
    /// <summary>Name of the resolved job inside a run's folder.</summary>
    public const string ResolvedName = "job.yaml";

    /// <summary>Captions looked through at once for one that is too long.</summary>
    private const int CaptionsAtOnce = 1000;

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

    private bool LacksDevice =>
        Job.Train.Device.StartsWith("cuda", StringComparison.Ordinal) && !torch.cuda.is_available();

    /// <summary>Says in a sentence, instead of in libtorch's pages, that this machine lacks the job's device.</summary>
    /// <exception cref="UsageException">The job computes on CUDA and libtorch sees no CUDA device here.</exception>
    public void CheckDevice()
    {
        if (LacksDevice)
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
            CheckCaptions(options, split, dataset);
            CheckProtocol(split, dataset.Images);
            if (dataset.Samples < Job.Batch.Size && string.Equals(split, "train", StringComparison.Ordinal))
            {
                throw new DataException(
                    $"{options.Path}: the train split has {dataset.Samples} samples and batch.size is "
                    + $"{Job.Batch.Size}; make the batch smaller or the data larger");
            }
        }
    }

    /// <summary>Refuses a model and an objective that do not go together; of a run that began with them nothing is
    /// asked.</summary>
    /// <exception cref="UsageException">They do not.</exception>
    public void CheckAgreement()
    {
        if (Agreement.Problem(Job.Model.Options, Job.Objective.Options) is { } problem)
        {
            throw new UsageException($"{Job.Name}: {problem}");
        }
    }

    /// <summary>Goes through a first step of the job as a worker does before it reports ready, on this machine's
    /// processor where the job's device is not here.</summary>
    /// <returns>What was done, for people.</returns>
    /// <exception cref="UsageException">Model, objective, parameter groups or initial weights do not fit the data or
    /// each other.</exception>
    public async Task<string> CheckStepAsync(CancellationToken cancellationToken)
    {
        bool isElsewhere = LacksDevice;
        Job here = isElsewhere ? Job with { Train = Job.Train with { Device = "cpu" } } : Job;
        using IDataset train = TrainedModel.OpenData(Job, BaseDirectory, "train", _ => { });
        try
        {
            long parameters = await DryRun.StepAsync(
                here, BaseDirectory, train, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            return $"{parameters} parameters"
                + (isElsewhere ? $" (a step was tried on the processor: no {Job.Train.Device} here)" : string.Empty);
        }
        catch (Exception failure) when (failure is ArgumentException or TorchException or StorageException)
        {
            // libtorch appends pages on its dispatcher to a sentence, .NET the names of parameters.
            string sentence = failure.Message.ReplaceLineEndings("\n").Split('\n')[0].Split(" (Parameter '")[0];
            throw new UsageException($"a step of {Job.Name} cannot be computed: {sentence}");
        }
    }

    /// <summary>What is sound and yet hardly meant; null for nothing.</summary>
    public string? Doubt()
    {
        bool hasBert = Job.Model.Options is IBertOptions { ReadsWordPieces: true };
        if (!hasBert || Job.Train.InitialWeights is { Length: > 0 })
        {
            return null;
        }

        bool stays = Job.Model.Options is CameraOptions { FreezeBert: true };
        return $"the BERT inside {Job.Model.Name} begins with random weights"
            + (stays ? ", which model.freeze_bert keeps" : string.Empty)
            + "; colony checkpoint import makes a file of published ones for train.initial_weights";
    }

    private void CheckProtocol(string split, int images)
    {
        if (split == Job.Evaluate.Split || split == Job.Evaluate.FinalSplit)
        {
            Protocols.Check(Job.Evaluate.ProtocolOf(split), images, split);
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

    private void CheckCaptions(DatasetOptions options, string split, IDataset dataset)
    {
        if (Job.Model.Options is IBertOptions { ReadsWordPieces: true }
            && !string.Equals(options.Text, "bert", StringComparison.Ordinal))
        {
            throw new UsageException(
                $"model.text is bert, and data.text is {options.Text}; write data.text: bert with data.word_pieces, or "
                + "choose another model.text");
        }

        if (Job.Model.Options is not ICaptionLimit { LongestCaption: > 0 and int limit }
            || dataset.LongestCaption <= limit)
        {
            return;
        }

        (int caption, long length) = FirstBeyond(dataset, limit);
        int added = string.Equals(options.Text, "vectors", StringComparison.Ordinal) ? 1 : 2;
        throw new DataException(
            $"{Datasets.CaptionPlace(options, split, caption)}: the caption has {length} positions, of which {added} "
            + $"stand for no word, and the model takes {limit}; data.max_words: {limit - added} cuts longer captions");
    }

    private static (int Caption, long Length) FirstBeyond(IDataset dataset, int limit)
    {
        for (int first = 0; first < dataset.Samples; first += CaptionsAtOnce)
        {
            using NamedTensors batch = dataset.LoadCaptions(
                [.. Enumerable.Range(first, Math.Min(CaptionsAtOnce, dataset.Samples - first))]);
            long[] lengths = batch["cap_len"].ToArray<long>();
            int at = Array.FindIndex(lengths, length => length > limit);
            if (at >= 0)
            {
                return (first + at, lengths[at]);
            }
        }

        throw new InvalidOperationException(
            $"the longest of {dataset.Samples} captions has {dataset.LongestCaption} positions, and none more than "
            + $"{limit}");
    }
}
