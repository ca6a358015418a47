using Colony.Data;
using Colony.Evaluator;
using Colony.Model;
using Colony.Storage;
using Colony.Torch;

namespace Colony.Cli.Weights;

/// <summary>Turns published weights into a file that a job can begin with (<c>train.initial_weights</c>).</summary>
internal static class WeightImport
{
    /// <summary>Name of the file that Hugging Face keeps beside the weights of a BERT.</summary>
    private const string ConfigurationName = "config.json";

    /// <summary>Matches, converts and writes.</summary>
    /// <param name="source">The job whose model takes the weights.</param>
    /// <param name="path">The file of others.</param>
    /// <param name="configuration">The BERT's <c>config.json</c>; null: the one beside the weights, if any.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="say">Takes one line for people at a time.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <exception cref="UsageException">The weights are not the model's: every missing and surplus name and wrong
    /// shape, one a line.</exception>
    public static async Task RunAsync(
        JobSource source, string path, string? configuration, string output, Action<string> say,
        CancellationToken cancellationToken)
    {
        using ForeignWeights foreign = ForeignWeights.Open(path);
        ModelEntry model = ModelRegistry.Get(source.Job.Model.Name);
        using IEncoder encoder = Build(source, model);
        IObjective objective = ObjectiveRegistry.Get(source.Job.Objective.Name).Create(source.Job.Objective.Options);
        using torch.nn.Module? learned = objective.Module;
        Dictionary<string, Tensor> own = encoder.Module.named_parameters()
            .Select(p => (Name: p.name, Tensor: (Tensor)p.parameter))
            .Concat(encoder.Module.named_buffers().Select(b => (Name: b.name, Tensor: b.buffer)))
            .Concat(objective.PublishedPrefix is { } prefix
                ? learned!.named_parameters().Select(p => (Name: prefix + p.name, Tensor: (Tensor)p.parameter))
                : [])
            .ToDictionary(weight => weight.Name, weight => weight.Tensor, StringComparer.Ordinal);
        WeightShape[] shapes = [.. own.Select(weight => new WeightShape(weight.Key, weight.Value.shape))];
        using PublishedRest rest = PublishedRest.Of(model, source.Job.Model.Options, shapes);
        WeightMatch match = PublishedWeights.Match(
            shapes,
            rest.Names,
            [.. foreign.Tensors.Select(tensor => new WeightShape(tensor.Name, tensor.Shape))]);
        List<string> problems = [.. match.Problems];
        if (match.BertOnly)
        {
            problems.AddRange(Differences(source, path, configuration));
        }

        if (problems.Count > 0)
        {
            throw new UsageException(string.Join('\n', problems.Select(problem => $"{path}: {problem}")));
        }

        Dictionary<string, TensorData> byName = foreign.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        TensorData[] taken =
            [.. match.Pairs.Select(p => ForeignWeights.As(byName[p.Foreign], p.Own, own[p.Own].dtype))];
        string part = match.Initial.Count > 0 ? ImportedWeights.SomePart : ImportedWeights.WholePart;
        WrittenFile written = await WeightFile.WriteAsync(
            output,
            taken,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["format"] = "pt",
                [ImportedWeights.ModelKey] = source.Job.Model.Name,
                [ImportedWeights.PartKey] = part,
            },
            cancellationToken).ConfigureAwait(false);
        foreach (string left in match.LeftOut)
        {
            say($"left out {left}");
        }

        say($"{output}: {taken.Length} of {own.Count} tensors of {source.Job.Model.Name}, sha256 {written.Sha256}"
            + (match.Initial.Count > 0 ? "; the rest begins at random" : string.Empty));
        say($"train with train.initial_weights: {output}");
    }

    private static IEncoder Build(JobSource source, ModelEntry model)
    {
        using IDataset dataset = TrainedModel.OpenData(source.Job, source.BaseDirectory, "train");
        return model.Create(
            source.Job.Model.Options, new ModelInputs(dataset.FeatureDim, dataset.WordDim, dataset.VocabularySize));
    }

    // Heads, activation and epsilon show in no shape, so a wrong one would only be slightly wrong everywhere.
    private static IReadOnlyList<string> Differences(JobSource source, string path, string? configuration)
    {
        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, ConfigurationName);
        string? file = configuration ?? (File.Exists(beside) ? beside : null);
        if (file is null || source.Job.Model.Options is not IBertOptions options)
        {
            return [];
        }

        var info = new FileInfo(file);
        if (!info.Exists || info.Length > BertConfiguration.MaxBytes)
        {
            throw new UsageException(
                $"{file}: is no config.json of a BERT; it has to be there, with at most {BertConfiguration.MaxBytes} "
                + "bytes");
        }

        return [.. BertConfiguration.Parse(File.ReadAllBytes(file), file).Differences(options)
            .Select(difference => $"{file}: {difference}")];
    }
}
