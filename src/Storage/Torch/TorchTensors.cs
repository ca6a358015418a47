using System.Globalization;

namespace Colony.Storage;

/// <summary>Finds the tensors in what a pickle held, gives them their names, and checks each against its
/// storage.</summary>
internal sealed class TorchTensors(TorchArchive archive, string source)
{
    private const int MaxDepth = 32;
    private const int MaxVisits = 200_000;
    private const int MaxNameLength = 1000;
    private const int MaxCharacters = 16 << 20;

    private readonly List<TensorData> _tensors = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private long _copied;
    private int _characters;
    private int _visits;

    public IReadOnlyList<TensorData> Of(object? root)
    {
        Visit(root, "", 0);
        return _tensors;
    }

    // Shared and circular containers cost visits: a pickle of a few bytes can stand for a tree without end.
    private void Visit(object? value, string name, int depth)
    {
        if (++_visits > MaxVisits || depth > MaxDepth || name.Length > MaxNameLength)
        {
            throw Bad($"what its pickle holds is deeper than {MaxDepth} levels, larger than {MaxVisits} values, or has "
                + $"names of more than {MaxNameLength} characters");
        }

        switch (value)
        {
            case PickleTensor tensor:
                Add(tensor, name);
                break;
            case PickleDictionary dictionary:
                foreach (var (key, item) in dictionary.Entries)
                {
                    Visit(item, Join(name, Key(key, name)), depth + 1);
                }

                break;
            case PickleList list:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    Visit(list.Items[i], Join(name, i.ToString(CultureInfo.InvariantCulture)), depth + 1);
                }

                break;
            default:
                // Epochs, learning rates, settings: no weights.
                break;
        }
    }

    private void Add(PickleTensor tensor, string name)
    {
        if ((_characters += name.Length) > MaxCharacters)
        {
            throw Bad($"the names of its tensors have more than {MaxCharacters} characters");
        }

        if (!_names.Add(name))
        {
            throw Bad($"it has the tensor '{TorchFileException.Shown(name)}' twice");
        }

        Int128 last = tensor.Offset, elements = 1;
        for (var i = 0; i < tensor.Sizes.Length; i++)
        {
            if (tensor.Sizes[i] < 0 || tensor.Strides[i] < 0 || tensor.Offset < 0)
            {
                throw Bad($"the tensor '{TorchFileException.Shown(name)}' has a negative size, stride or offset");
            }

            elements *= tensor.Sizes[i];
            last += (Int128)Math.Max(0, tensor.Sizes[i] - 1) * tensor.Strides[i];
            if (elements > tensor.Storage.Elements || (tensor.Sizes[i] > 0 && last > long.MaxValue))
            {
                throw Outside(tensor, name);
            }
        }

        if (tensor.Offset < 0 || (elements > 0 && last >= tensor.Storage.Elements))
        {
            throw Outside(tensor, name);
        }

        var bytes = elements == 0 ? ReadOnlyMemory<byte>.Empty : View(tensor, (long)elements);
        _tensors.Add(new TensorData(name, tensor.Storage.Type, tensor.Sizes, bytes));
    }

    private ReadOnlyMemory<byte> View(PickleTensor tensor, long elements)
    {
        var storage = archive.Storage(tensor.Storage);
        var size = tensor.Storage.Type.Size();
        if (IsContiguous(tensor))
        {
            return storage.Slice((int)(tensor.Offset * size), (int)(elements * size));
        }

        _copied += elements * size;
        return _copied <= archive.Length
            ? Gather(storage.Span, tensor, (int)elements, size)
            : throw Bad("its strided views together are larger than the file");
    }

    private static byte[] Gather(ReadOnlySpan<byte> storage, PickleTensor tensor, int elements, int size)
    {
        var result = new byte[elements * size];
        var index = new long[tensor.Sizes.Length];
        var from = tensor.Offset;
        for (var i = 0; i < elements; i++)
        {
            storage.Slice((int)(from * size), size).CopyTo(result.AsSpan(i * size));
            for (var d = index.Length - 1; d >= 0; d--)
            {
                from += tensor.Strides[d];
                if (++index[d] < tensor.Sizes[d])
                {
                    break;
                }

                from -= tensor.Strides[d] * tensor.Sizes[d];
                index[d] = 0;
            }
        }

        return result;
    }

    private static bool IsContiguous(PickleTensor tensor)
    {
        var expected = 1L;
        for (var d = tensor.Sizes.Length - 1; d >= 0; d--)
        {
            if (tensor.Sizes[d] != 1 && tensor.Strides[d] != expected)
            {
                return false;
            }

            expected *= tensor.Sizes[d];
        }

        return true;
    }

    private string Key(object? key, string name) => key switch
    {
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => throw Bad($"a key in '{TorchFileException.Shown(name)}' is neither text nor a number"),
    };

    private static string Join(string name, string key) => name.Length == 0 ? key : $"{name}.{key}";

    private TorchFileException Outside(PickleTensor tensor, string name) => Bad(string.Create(
        CultureInfo.InvariantCulture,
        $"tensor '{TorchFileException.Shown(name)}' is outside of its storage of {tensor.Storage.Elements} values"));

    private TorchFileException Bad(string problem) => new(source, problem);
}
