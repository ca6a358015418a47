using System.IO.Compression;

namespace Colony.Testing.Npy;

/// <summary>A zip of <c>.npy</c> arrays, read whole into memory. Entries that are not arrays, and names that come
/// twice, are errors.</summary>
public sealed class NpzFile
{
    private const string Ending = ".npy";
    private const int MaximumEntries = 1 << 16;

    private readonly Dictionary<string, NpyArray> arrays = new(StringComparer.Ordinal);
    private readonly List<string> names = [];

    private NpzFile(string path) => Path = path;

    public string Path { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<string> Names => names;

    public NpyArray this[string name] => arrays.TryGetValue(name, out var array)
        ? array
        : throw new KeyNotFoundException($"{Path} has no array '{name}'.");

    public bool Contains(string name) => arrays.ContainsKey(name);

    public bool TryGet(string name, out NpyArray? array) => arrays.TryGetValue(name, out array);

    /// <summary>The arrays under a prefix, named without it, in the order of the file.</summary>
    public IEnumerable<(string Name, NpyArray Array)> Under(string prefix) =>
        names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => (name[prefix.Length..], arrays[name]));

    public static NpzFile Read(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        if (zip.Entries.Count > MaximumEntries)
        {
            throw new InvalidDataException($"{path} has {zip.Entries.Count} entries, more than {MaximumEntries}.");
        }

        var file = new NpzFile(path);
        foreach (var entry in zip.Entries)
        {
            if (!entry.FullName.EndsWith(Ending, StringComparison.Ordinal))
            {
                throw new InvalidDataException($"{path} has an entry '{entry.FullName}' that is not an array.");
            }

            var name = entry.FullName[..^Ending.Length];
            using var stream = entry.Open();
            if (!file.arrays.TryAdd(name, NpyArray.Read($"{path}: {name}", stream)))
            {
                throw new InvalidDataException($"{path} has two arrays named '{name}'.");
            }

            file.names.Add(name);
        }

        return file;
    }
}
