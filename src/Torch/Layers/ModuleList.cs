using System.Collections;
using System.Globalization;

namespace Colony.Torch.Modules;

/// <summary>Modules by number; their names are 0, 1, 2, ...</summary>
/// <typeparam name="T">The kind of module.</typeparam>
public sealed class ModuleList<T> : torch.nn.Module, IReadOnlyList<T>
    where T : torch.nn.Module
{
    private readonly List<T> _modules = [];

    internal ModuleList(ReadOnlySpan<T> modules)
    {
        foreach (var module in modules)
        {
            append(module);
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => _modules.Count;

    /// <summary>The module of a number.</summary>
    public T this[int index] => _modules[index];

    /// <summary>Adds a module at the end.</summary>
    public void append(T module) =>
        _modules.Add(register_module(_modules.Count.ToString(CultureInfo.InvariantCulture), module));

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
