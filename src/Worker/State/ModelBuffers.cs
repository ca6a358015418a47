using System.Buffers;
using System.Runtime.InteropServices;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>
/// The buffers of a model, such as the running statistics of batch normalization, as one piece of bytes. A step gives
/// each slice the same values to start with and combines what the slices make of them, in the order of the logical
/// ranks, so that no number of workers shows in them.
/// </summary>
internal sealed class ModelBuffers
{
    private readonly Tensor[] _buffers;
    private readonly (int Start, int Bytes, ScalarType Type)[] _places;

    /// <summary>The buffers of a module, in its order.</summary>
    public ModelBuffers(torch.nn.Module module)
    {
        _buffers = [.. module.named_buffers().Select(b => b.buffer)];
        _places = new (int, int, ScalarType)[_buffers.Length];
        for (int i = 0; i < _buffers.Length; i++)
        {
            int bytes = checked((int)_buffers[i].numel() * _buffers[i].element_size());
            _places[i] = (Bytes, bytes, _buffers[i].dtype);
            Bytes = checked(Bytes + bytes);
        }
    }

    /// <summary>Bytes of all of them; 0 for a model without buffers.</summary>
    public int Bytes { get; }

    /// <summary>Copies the values out.</summary>
    public byte[] Read()
    {
        byte[] bytes = new byte[Bytes];
        for (int i = 0; i < _buffers.Length; i++)
        {
            using Tensor plain = _buffers[i].detach();
            using Tensor near = plain.cpu();
            using Tensor host = near.contiguous();
            using IMemoryOwner<byte> memory = host.byteOwner();
            memory.Memory.Span.CopyTo(bytes.AsSpan(_places[i].Start));
        }

        return bytes;
    }

    /// <summary>
    /// Sets the values. Goes around autograd's count of in-place changes: the graphs of slices that are waiting for
    /// their backward pass have seen these buffers, and do not read them again.
    /// </summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < _buffers.Length; i++)
        {
            ReadOnlySpan<byte> mine = bytes.Slice(_places[i].Start, _places[i].Bytes);
            if (_buffers[i].device.Type == DeviceType.CPU && _buffers[i].is_contiguous())
            {
                Fill(_buffers[i], mine);
                continue;
            }

            using Tensor host = torch.empty(_buffers[i].shape, _buffers[i].dtype);
            Fill(host, mine);
            using Tensor there = host.to(_buffers[i].device);
            _buffers[i].set_data(there);
        }
    }

    /// <summary>
    /// The values after a step. Floating-point ones: the mean over the slices that had samples, each counting the
    /// same, added in double in the given order and rounded once. Others, such as a count of batches, become what they
    /// became in the first slice: every slice starts from the same value and counts one batch.
    /// </summary>
    /// <param name="start">The values before the step.</param>
    /// <param name="proposals">What each slice made of them, in the order of the logical ranks.</param>
    public byte[] Combine(byte[] start, IReadOnlyList<byte[]> proposals)
    {
        if (proposals.Count == 0)
        {
            return start;
        }

        byte[] combined = (byte[])proposals[0].Clone();
        foreach ((int at, int bytes, ScalarType type) in _places)
        {
            if (type == ScalarType.Float32)
            {
                Mean<float>(combined, proposals, at, bytes);
            }
            else if (type == ScalarType.Float64)
            {
                Mean<double>(combined, proposals, at, bytes);
            }
        }

        return combined;
    }

    private static void Mean<T>(byte[] combined, IReadOnlyList<byte[]> proposals, int at, int bytes)
        where T : unmanaged, System.Numerics.IFloatingPoint<T>
    {
        Span<T> mean = MemoryMarshal.Cast<byte, T>(combined.AsSpan(at, bytes));
        for (int i = 0; i < mean.Length; i++)
        {
            double sum = 0;
            foreach (byte[] proposal in proposals)
            {
                sum += double.CreateChecked(MemoryMarshal.Cast<byte, T>(proposal.AsSpan(at, bytes))[i]);
            }

            // The one rounding: to nearest, ties to even.
            mean[i] = T.CreateTruncating(sum / proposals.Count);
        }
    }

    private static void Fill(Tensor tensor, ReadOnlySpan<byte> bytes)
    {
        using IMemoryOwner<byte> memory = tensor.byteOwner();
        bytes.CopyTo(memory.Memory.Span);
    }
}
