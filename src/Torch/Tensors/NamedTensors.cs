using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Colony.Torch;

/// <summary>
/// Tensors by name, in the order in which they were added: a batch, or what an encoder says of one. It owns its
/// tensors: disposing it disposes them. Not safe for several threads.
/// </summary>
public sealed class NamedTensors : IDisposable, IReadOnlyCollection<KeyValuePair<string, Tensor>>
{
    private readonly OrderedDictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    public int Count => _tensors.Count;

    /// <summary>The names, in order.</summary>
    public IReadOnlyList<string> Names => _tensors.Keys;

    /// <summary>The tensor of a name. Setting a name that is there disposes the tensor it had.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists the names there are.</exception>
    public Tensor this[string name]
    {
        get => _tensors.TryGetValue(name, out var tensor)
            ? tensor
            : throw new KeyNotFoundException($"no tensor '{name}'; there are: {string.Join(", ", Names)}");
        set
        {
            if (_tensors.TryGetValue(name, out var old) && !ReferenceEquals(old, value))
            {
                old.Dispose();
            }

            _tensors[name] = value;
        }
    }

    /// <summary>Adds a tensor under a new name.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, Tensor tensor)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(tensor);
        if (!_tensors.TryAdd(name, tensor))
        {
            throw new ArgumentException($"there is a tensor '{name}' already", nameof(name));
        }
    }

    /// <summary>Looks a tensor up.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Tensor? tensor) => _tensors.TryGetValue(name, out tensor);

    /// <summary>Takes a tensor out without disposing it.</summary>
    public bool Remove(string name, [NotNullWhen(true)] out Tensor? tensor)
    {
        _tensors.TryGetValue(name, out tensor);
        return _tensors.Remove(name) && tensor is not null;
    }

    /// <summary>Takes all tensors out of their scopes: only this object ends them now.</summary>
    public NamedTensors DetachFromDisposeScope()
    {
        foreach (var tensor in _tensors.Values)
        {
            tensor.DetachFromDisposeScope();
        }

        return this;
    }

    /// <summary>Moves all tensors to the scopes around theirs.</summary>
    public NamedTensors MoveToOuterDisposeScope()
    {
        foreach (var tensor in _tensors.Values)
        {
            tensor.MoveToOuterDisposeScope();
        }

        return this;
    }

    /// <summary>
    /// The tensors on a device, as a new collection, halves as float32; those that are that already share their
    /// memory. Halves travel as such and are widened where they arrive.
    /// </summary>
    public NamedTensors To(Device device)
    {
        var moved = new NamedTensors();
        foreach (var (name, tensor) in _tensors)
        {
            var there = tensor.to(device);
            moved.Add(name, there);
            if (there.dtype == ScalarType.Float16)
            {
                moved[name] = there.to(ScalarType.Float32);
            }
        }

        return moved;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Disposes all tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
        {
            tensor.Dispose();
        }

        _tensors.Clear();
    }
}
