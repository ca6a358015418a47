using System.Globalization;

namespace Colony.Storage;

/// <summary>The entries of PyTorch's container: one folder with <c>data.pkl</c> and <c>data/0</c>, <c>data/1</c>,
/// ...</summary>
internal sealed class TorchArchive
{
    private const string PickleName = "data.pkl";

    private readonly MappedFile _file;
    private readonly string _folder;
    private readonly Dictionary<string, ZipEntry> _entries;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _storages = new(StringComparer.Ordinal);

    public TorchArchive(MappedFile file)
    {
        _file = file;
        _entries = ZipDirectory.Read(file).ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        var pickles = _entries.Keys.Where(
                name => name.EndsWith("/" + PickleName, StringComparison.Ordinal) && name.Count(c => c == '/') == 1)
            .ToArray();
        if (pickles.Length != 1)
        {
            throw Bad($"its zip has {pickles.Length} entries 'FOLDER/{PickleName}' and needs one");
        }

        _folder = pickles[0][..^PickleName.Length];
        if (_entries.TryGetValue(_folder + "byteorder", out var order) && !Bytes(order).Span.SequenceEqual("little"u8))
        {
            throw Bad("its numbers are big-endian; save it again on a little-endian machine");
        }

        var pickle = _entries[pickles[0]];
        Pickle = pickle.Length <= PickleReader.MaxBytes
            ? Bytes(pickle)
            : throw Bad($"its pickle has {pickle.Length} bytes, more than the {PickleReader.MaxBytes} allowed");
    }

    /// <summary>Bytes of the whole file.</summary>
    public long Length => _file.Length;

    /// <summary>The pickle.</summary>
    public ReadOnlyMemory<byte> Pickle { get; }

    /// <summary>The bytes of a storage, checked once.</summary>
    public ReadOnlyMemory<byte> Storage(PickleStorage storage)
    {
        if (_storages.TryGetValue(storage.Key, out var known))
        {
            return known;
        }

        if (!_entries.TryGetValue(_folder + "data/" + storage.Key, out var entry))
        {
            throw Bad($"its zip has no entry for the storage '{TorchFileException.Shown(storage.Key)}'");
        }

        if ((Int128)storage.Elements * storage.Type.Size() != entry.Length)
        {
            throw Bad(string.Create(
                CultureInfo.InvariantCulture,
                $"the storage '{TorchFileException.Shown(storage.Key)}' of {storage.Elements} {storage.Type} is "
                + $"{entry.Length} bytes long"));
        }

        var bytes = Bytes(entry);
        _storages.Add(storage.Key, bytes);
        return bytes;
    }

    private ReadOnlyMemory<byte> Bytes(ZipEntry entry)
    {
        if (entry.Length > int.MaxValue)
        {
            throw Bad($"its entry '{TorchFileException.Shown(entry.Name)}' has {entry.Length} bytes, more than 2 GiB");
        }

        var bytes = _file.Memory(entry.Offset, (int)entry.Length);
        return Crc32.Of(bytes.Span) == entry.Crc
            ? bytes
            : throw Bad(
                $"its entry '{TorchFileException.Shown(entry.Name)}' is damaged (checksum); fetch the file again");
    }

    private TorchFileException Bad(string problem) => new(_file.Path, problem);
}
