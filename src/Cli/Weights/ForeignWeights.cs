using System.Buffers;
using Colony.Storage;
using Colony.Torch;

namespace Colony.Cli.Weights;

/// <summary>Weights of others, from <c>.safetensors</c> or from what torch.save wrote.</summary>
internal sealed class ForeignWeights : IDisposable
{
    private readonly IDisposable _file;

    private ForeignWeights(IDisposable file, IReadOnlyList<TensorData> tensors) => (_file, Tensors) = (file, tensors);

    /// <summary>All tensors under the names of the file, in its memory.</summary>
    public IReadOnlyList<TensorData> Tensors { get; }

    /// <summary>Opens a file by its ending.</summary>
    /// <exception cref="StorageException">It cannot be read, is damaged or hostile.</exception>
    public static ForeignWeights Open(string path)
    {
        if (!string.Equals(Path.GetExtension(path), ".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            TorchFile pickled = TorchFile.Open(path);
            return new ForeignWeights(pickled, pickled.Tensors);
        }

        SafetensorsReader reader = SafetensorsReader.Open(path);
        try
        {
            return new ForeignWeights(
                reader,
                [.. reader.Header.Entries.Select(e => new TensorData(e.Name, e.Type, e.Shape, reader.Bytes(e.Name)))]);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>A tensor's values as the model has them: the same shape, another element type where needed.</summary>
    public static TensorData As(TensorData foreign, string name, ScalarType type)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Tensor read = torch.empty([.. foreign.Shape], TypeOf(foreign.Type));
        using (IMemoryOwner<byte> memory = read.byteOwner())
        {
            foreign.Bytes.CopyTo(memory.Memory);
        }

        return Of(name, read.to_type(type));
    }

    /// <summary>A copy of a tensor's values.</summary>
    public static TensorData Of(string name, Tensor values)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IMemoryOwner<byte> bytes = values.detach().contiguous().byteOwner();
        return new TensorData(name, TypeOf(values.dtype), values.shape, bytes.Memory.ToArray());
    }

    /// <summary>The file's word for an element type.</summary>
    public static SafetensorsType TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float64 => SafetensorsType.F64,
        ScalarType.Float32 => SafetensorsType.F32,
        ScalarType.Int64 => SafetensorsType.I64,
        ScalarType.Bool => SafetensorsType.BOOL,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "is no type of a weight"),
    };

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static ScalarType TypeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.F64 => ScalarType.Float64,
        SafetensorsType.F32 => ScalarType.Float32,
        SafetensorsType.F16 => ScalarType.Float16,
        SafetensorsType.BF16 => ScalarType.BFloat16,
        SafetensorsType.I64 => ScalarType.Int64,
        SafetensorsType.I32 => ScalarType.Int32,
        SafetensorsType.I16 => ScalarType.Int16,
        SafetensorsType.U8 => ScalarType.Byte,
        SafetensorsType.BOOL => ScalarType.Bool,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "is no element type"),
    };
}
