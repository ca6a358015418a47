namespace Colony.Storage;

/// <summary>
/// The list of what a pickle of weights may name, and what each stands for. A new line here is a decision: what it
/// makes must be plain data.
/// </summary>
internal sealed class PickleCalls(string source)
{
    private const int MaxDimensions = 64;
    private const int ViewArguments = 4;

    private static readonly Dictionary<string, PickleGlobal> Known = new PickleGlobal[]
    {
        new("collections OrderedDict", PickleCall.Dictionary),
        new("torch._utils _rebuild_tensor", PickleCall.Tensor),
        new("torch._utils _rebuild_tensor_v2", PickleCall.Tensor),
        new("torch._utils _rebuild_parameter", PickleCall.Parameter),
        new("argparse Namespace", PickleCall.Settings),
        new("torch DoubleStorage", PickleCall.Storage, SafetensorsType.F64),
        new("torch FloatStorage", PickleCall.Storage, SafetensorsType.F32),
        new("torch HalfStorage", PickleCall.Storage, SafetensorsType.F16),
        new("torch BFloat16Storage", PickleCall.Storage, SafetensorsType.BF16),
        new("torch LongStorage", PickleCall.Storage, SafetensorsType.I64),
        new("torch IntStorage", PickleCall.Storage, SafetensorsType.I32),
        new("torch ShortStorage", PickleCall.Storage, SafetensorsType.I16),
        new("torch ByteStorage", PickleCall.Storage, SafetensorsType.U8),
        new("torch BoolStorage", PickleCall.Storage, SafetensorsType.BOOL),
    }.ToDictionary(known => known.Name, StringComparer.Ordinal);

    private readonly Dictionary<string, PickleStorage> _storages = new(StringComparer.Ordinal);

    /// <summary>Looks a name up.</summary>
    /// <exception cref="TorchFileException">It is not on the list.</exception>
    public PickleGlobal Find(string module, string name) =>
        Known.TryGetValue($"{module} {name}", out var known)
            ? known
            : throw Bad(
                $"its pickle calls up '{TorchFileException.Shown($"{module}.{name}")}', which is no part of weights; "
                + "nothing was run");

    /// <summary>What a call makes.</summary>
    public object Call(PickleGlobal global, List<object?> arguments) => global.Call switch
    {
        PickleCall.Dictionary when arguments.Count == 0 => new PickleDictionary(),
        PickleCall.Settings when arguments.Count == 0 => PickleDropped.Instance,
        PickleCall.Parameter when arguments is [PickleTensor tensor, ..] => tensor,
        PickleCall.Tensor when arguments.Count >= ViewArguments => View(arguments),
        _ => throw Bad($"its pickle calls {global.Name.Replace(' ', '.')} with {arguments.Count} arguments it cannot "
            + "take"),
    };

    /// <summary>A storage by its persistent id: ('storage', type, key, device, elements).</summary>
    public PickleStorage Storage(object? id)
    {
        if (id is not PickleList
            {
                Items: ["storage", PickleGlobal { Type: { } type }, string key, string, long elements],
            }
            || elements < 0)
        {
            throw Bad("its pickle refers to something outside that is no storage of a known type");
        }

        var storage = new PickleStorage(key, type, elements);
        return _storages.TryAdd(key, storage) || _storages[key] == storage
            ? _storages[key]
            : throw Bad($"its pickle gives the storage '{TorchFileException.Shown(key)}' two types or sizes");
    }

    private PickleTensor View(List<object?> arguments) =>
        arguments[0] is PickleStorage storage && arguments[1] is long offset && Numbers(arguments[2]) is { } sizes
        && Numbers(arguments[3]) is { } strides && sizes.Length == strides.Length
            ? new PickleTensor(storage, offset, sizes, strides)
            : throw Bad("its pickle has a tensor without storage, offset, sizes and strides");

    private static long[]? Numbers(object? list) =>
        list is PickleList { Items.Count: <= MaxDimensions } numbers && numbers.Items.TrueForAll(item => item is long)
            ? [.. numbers.Items.Cast<long>()]
            : null;

    private TorchFileException Bad(string problem) => new(source, problem);
}
