using System.Buffers;
using System.Runtime.InteropServices;
using Colony.Collective;
using Colony.Storage;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>A copy of a worker's state at a step, in libtorch's memory; owns it.</summary>
internal sealed class StateCopy(long step) : IDisposable
{
    private readonly List<TensorData> _entries = [];
    private readonly List<IDisposable> _owned = [];

    /// <summary>The step.</summary>
    public long Step => step;

    /// <summary>What is in it, in the model's order.</summary>
    public IReadOnlyList<TensorData> Entries => _entries;

    /// <summary>The same, as it travels.</summary>
    public IEnumerable<TransferTensor> Transfers => _entries.Select(
        e => new TransferTensor(e.Name, e.Type.Name(), e.Shape, MemoryMarshal.AsMemory(e.Bytes)));

    /// <summary>The copy's digest, by the rule of <see cref="Replica.Digest"/>, when it is of the whole
    /// state.</summary>
    public ulong Digest()
    {
        ulong digest = StateDigest.Begin(step);
        foreach (TensorData entry in _entries)
        {
            digest = StateDigest.Fold(digest, entry.Bytes.Span);
        }

        return digest;
    }

    public void Add(string name, Tensor tensor)
    {
        // Owned by hand: memory that waits for its finalizer would keep a whole state alive meanwhile.
        IMemoryOwner<byte> memory = tensor.byteOwner();
        _owned.Add(memory);
        _owned.Add(tensor);
        Add(name, TypeOf(tensor.dtype), tensor.shape, memory.Memory);
    }

    public void Add(string name, SafetensorsType type, IReadOnlyList<long> shape, ReadOnlyMemory<byte> bytes) =>
        _entries.Add(new TensorData(name, type, shape, bytes));

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }

        _entries.Clear();
        _owned.Clear();
    }

    private static SafetensorsType TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => SafetensorsType.F32,
        ScalarType.Float64 => SafetensorsType.F64,
        ScalarType.Float16 => SafetensorsType.F16,
        ScalarType.BFloat16 => SafetensorsType.BF16,
        ScalarType.Int64 => SafetensorsType.I64,
        ScalarType.Int32 => SafetensorsType.I32,
        ScalarType.Int16 => SafetensorsType.I16,
        ScalarType.Byte => SafetensorsType.U8,
        ScalarType.Bool => SafetensorsType.BOOL,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "has no name in safetensors"),
    };
}
