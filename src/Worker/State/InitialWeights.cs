using System.Buffers;
using Colony.Jobs;
using Colony.Model;
using Colony.Storage;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>The weights that a job begins with instead of random ones: a file of <c>colony checkpoint import</c>, under
/// the model's own names.</summary>
internal static class InitialWeights
{
    /// <summary>What a job begins with: values drawn from its seed, and over them those of its file.</summary>
    /// <param name="job">The job.</param>
    /// <param name="baseDirectory">The folder that the file's path starts from.</param>
    /// <param name="inputs">What the data decide about the model.</param>
    /// <param name="samples">Samples of the data.</param>
    /// <exception cref="StorageException">As <see cref="Load"/>.</exception>
    public static Replica Begin(Job job, string baseDirectory, ModelInputs inputs, int samples)
    {
        Replica replica = Replica.Create(job, inputs, samples);
        try
        {
            if (job.Train.InitialWeights is { Length: > 0 } file)
            {
                string path = Path.GetFullPath(file, Path.GetFullPath(baseDirectory));
                Load(path, replica.Encoder.Module, replica.Objective);
            }

            return replica;
        }
        catch
        {
            replica.Dispose();
            throw;
        }
    }

    /// <summary>Copies the file's tensors over the values of the model, and over what the objective learns where the
    /// file has that. Nothing is changed when the file does not fit.</summary>
    /// <param name="path">The file.</param>
    /// <param name="module">The model.</param>
    /// <param name="objective">What it is trained for.</param>
    /// <exception cref="StorageException">The file cannot be read, or has missing or surplus names, wrong shapes or
    /// types; all are named.</exception>
    public static void Load(string path, torch.nn.Module module, IObjective objective)
    {
        using SafetensorsReader file = SafetensorsReader.Open(path);
        Dictionary<string, Tensor> own = module.named_parameters()
            .Select(p => (Name: p.name, Tensor: (Tensor)p.parameter))
            .Concat(module.named_buffers().Select(b => (Name: b.name, Tensor: b.buffer)))
            .ToDictionary(weight => weight.Name, weight => weight.Tensor, StringComparer.Ordinal);
        string[] needed = [.. own.Keys];
        foreach ((string name, Tensor tensor) in Learned(objective))
        {
            own.Add(name, tensor);
        }

        string[] rest = file.Header.Metadata.GetValueOrDefault(ImportedWeights.RestKey, string.Empty).Split('\n');
        SafetensorsEntry[] taken =
            [.. file.Header.Entries.Where(entry => !rest.Contains(entry.Name, StringComparer.Ordinal))];
        List<string> problems = [.. taken.Select(entry => Problem(entry, own)).OfType<string>()];
        bool part = file.Header.Metadata.GetValueOrDefault(ImportedWeights.PartKey) == ImportedWeights.SomePart;
        if (!part)
        {
            problems.AddRange(needed.Except(taken.Select(entry => entry.Name), StringComparer.Ordinal)
                .Select(name => $"'{name}' is missing"));
        }

        if (problems.Count > 0)
        {
            throw new StorageException(
                $"train.initial_weights: '{path}' is of another model: {string.Join("; ", problems)}; import the "
                + "weights with this job file");
        }

        using IDisposable unrecorded = torch.no_grad();
        foreach (SafetensorsEntry entry in taken)
        {
            Tensor tensor = own[entry.Name];
            using Tensor host = torch.empty(tensor.shape, tensor.dtype);
            using IMemoryOwner<byte> memory = host.byteOwner();
            file.Bytes(entry.Name).CopyTo(memory.Memory);
            tensor.copy_(host);
        }
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Learned(IObjective objective) =>
        objective is { PublishedPrefix: { } prefix, Module: { } learned }
            ? learned.named_parameters().Select(p => (prefix + p.name, (Tensor)p.parameter))
            : [];

    private static string? Problem(SafetensorsEntry entry, Dictionary<string, Tensor> own) =>
        !own.TryGetValue(entry.Name, out Tensor? tensor) ? $"'{entry.Name}' is surplus"
        : !entry.Shape.SequenceEqual(tensor.shape)
            ? $"'{entry.Name}' is [{string.Join(", ", entry.Shape)}] and should be [{string.Join(", ", tensor.shape)}]"
        : entry.Bytes != tensor.numel() * tensor.element_size()
            ? $"'{entry.Name}' is of {entry.Type} and should be of {tensor.dtype}"
        : null;
}
