namespace Colony.Storage;

/// <summary>The few things by name that a pickle of weights may call. Nothing of them is code of the file.</summary>
internal enum PickleCall
{
    /// <summary><c>collections.OrderedDict</c>: a dictionary.</summary>
    Dictionary,

    /// <summary><c>torch._utils._rebuild_tensor</c> and <c>_rebuild_tensor_v2</c>: a view of a storage.</summary>
    Tensor,

    /// <summary><c>torch._utils._rebuild_parameter</c>: the tensor it is given.</summary>
    Parameter,

    /// <summary><c>argparse.Namespace</c>: the settings that training scripts save beside the weights; read and
    /// dropped.</summary>
    Settings,

    /// <summary>A storage's type.</summary>
    Storage,
}

/// <summary>A name that a pickle called up.</summary>
/// <param name="Name">Module and name.</param>
/// <param name="Call">What it stands for.</param>
/// <param name="Type">The element type of a storage.</param>
internal sealed record PickleGlobal(string Name, PickleCall Call, SafetensorsType? Type = null);

/// <summary>A dictionary in the order in which it was filled; keys may be there twice.</summary>
internal sealed class PickleDictionary
{
    public List<(object? Key, object? Value)> Entries { get; } = [];
}

/// <summary>A list or a tuple.</summary>
internal sealed record PickleList(List<object?> Items, bool IsTuple);

/// <summary>Something that is read and of no use: settings, bytes, a large integer.</summary>
internal sealed class PickleDropped
{
    public static PickleDropped Instance { get; } = new();
}

/// <summary>The bytes of tensors: an entry of the zip file.</summary>
internal sealed record PickleStorage(string Key, SafetensorsType Type, long Elements);

/// <summary>A view of a storage, in elements; not yet checked against it.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Sizes, long[] Strides);
