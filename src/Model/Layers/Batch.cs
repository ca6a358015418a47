using Colony.Torch;

namespace Colony.Model;

/// <summary>Reads a batch and says what is wrong with it before libtorch does.</summary>
internal static class Batch
{
    /// <summary>A tensor of the batch with the rank and last width that the model needs (width 0: any).</summary>
    public static Tensor Require(NamedTensors batch, string name, int rank, long width = 0)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (!batch.TryGet(name, out var tensor))
        {
            throw new ArgumentException(
                $"The batch has no '{name}'; it has {string.Join(", ", batch.Names)}.", nameof(batch));
        }

        var shape = tensor.shape;
        if (shape.Length != rank || (width > 0 && shape[^1] != width))
        {
            var last = width > 0 ? $" with a last dimension of {width}" : "";
            throw new ArgumentException(
                $"'{name}' is [{string.Join(", ", shape)}]; the model needs {rank} dimensions{last}.", nameof(batch));
        }

        return tensor;
    }

    /// <summary>The number of word ids, for models that learn word vectors.</summary>
    /// <exception cref="ArgumentException">The data has no vocabulary.</exception>
    public static int Words(ModelInputs inputs) => inputs.VocabularySize > 0
        ? inputs.VocabularySize
        : throw new ArgumentException(
            "the model learns word vectors and the data has no vocabulary; use data.text: words", nameof(inputs));

    /// <summary>Samples of the whole global batch that the slice belongs to: what the worker says, else the slice's
    /// own.</summary>
    public static long Rows(NamedTensors batch, long own) =>
        batch.TryGet(TensorNames.BatchRows, out var rows) ? rows.ToInt64() : own;

    /// <summary>The tensor [b, T, ...] with zeros behind, so that T is <paramref name="length"/>; 0 leaves it as it
    /// is.</summary>
    /// <exception cref="ArgumentException">It is longer.</exception>
    public static Tensor Padded(Tensor tensor, int length, string name)
    {
        var shape = tensor.shape;
        if (length == 0 || shape[1] == length)
        {
            return tensor;
        }

        if (shape[1] > length)
        {
            throw new ArgumentException(
                $"'{name}' has captions of {shape[1]} tokens and the model takes {length}; set data.max_words.",
                nameof(tensor));
        }

        shape[1] = length - shape[1];
        using var zeros = torch.zeros(shape, tensor.dtype, tensor.device);
        return torch.cat([tensor, zeros], 1);
    }
}
