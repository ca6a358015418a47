namespace Colony.Actors.Simulation;

/// <summary>
/// A disk as a journal must expect it: what was appended and not flushed may be gone after a crash, or only its first
/// bytes may be there; it may be full; it may be slow only through its node. Single-threaded, as everything simulated.
/// </summary>
public sealed class SimulatedDisk
{
    private readonly Dictionary<string, File> _files = new(StringComparer.Ordinal);
    private readonly string _node;

    internal SimulatedDisk(string node) => _node = node;

    /// <summary>Whether every write fails for want of space.</summary>
    public bool IsFull { get; set; }

    /// <summary>Bytes lost in crashes so far, unflushed all of them.</summary>
    public long LostBytes { get; private set; }

    /// <summary>How often a crash took unflushed bytes of a file away, or made garbage of them.</summary>
    public int TornFiles { get; private set; }

    /// <summary>Names of the files, in the order in which they were made.</summary>
    public IReadOnlyCollection<string> Files => _files.Keys;

    /// <summary>Appends bytes; they are visible at once and durable after <see cref="Flush"/>.</summary>
    /// <param name="file">Name; made if it is not there.</param>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="IOException">The disk is full; of the bytes nothing, or a first part, was written.</exception>
    public void Append(string file, ReadOnlySpan<byte> bytes)
    {
        var open = Open(file);
        if (IsFull)
        {
            open.Content.AddRange(bytes[..(bytes.Length / 2)]); // a short write, as POSIX allows
            throw new IOException($"No space left on the disk of '{_node}' for '{file}'.");
        }

        open.Content.AddRange(bytes);
    }

    /// <summary>Makes what was appended durable.</summary>
    /// <param name="file">Name.</param>
    public void Flush(string file)
    {
        var open = Open(file);
        open.Durable = open.Content.Count;
    }

    /// <summary>Cuts a file, durably: how a journal drops a torn tail.</summary>
    /// <param name="file">Name.</param>
    /// <param name="length">Its new length, at most the old one.</param>
    public void Truncate(string file, int length)
    {
        var open = Open(file);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, open.Content.Count);
        open.Content.RemoveRange(length, open.Content.Count - length);
        open.Durable = length;
    }

    /// <summary>
    /// Replaces a file in one durable step, as a rename does: the old bytes or the new ones, never a mix.
    /// </summary>
    /// <param name="file">Name.</param>
    /// <param name="bytes">The new bytes.</param>
    /// <exception cref="IOException">The disk is full; the old bytes are still there.</exception>
    public void Replace(string file, ReadOnlySpan<byte> bytes)
    {
        if (IsFull)
        {
            throw new IOException($"No space left on the disk of '{_node}' for '{file}'.");
        }

        var fresh = new File();
        fresh.Content.AddRange(bytes);
        fresh.Durable = bytes.Length;
        _files[file] = fresh;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="file">Name.</param>
    /// <returns>Its bytes; empty if it is not there.</returns>
    public byte[] Read(string file) => _files.TryGetValue(file, out var found) ? [.. found.Content] : [];

    /// <summary>
    /// What a crash does: of the unflushed bytes of each file a first part stays, drawn at random, and where writes are
    /// torn its last bytes may be garbage, as where a file has grown and its blocks were not written.
    /// </summary>
    internal void Crash(SeededRandom random, bool tearWrites)
    {
        foreach (var file in _files.Values.Where(static f => f.Content.Count > f.Durable))
        {
            var unflushed = file.Content.Count - file.Durable;
            var stays = random.Next(unflushed + 1);
            LostBytes += unflushed - stays;
            file.Content.RemoveRange(file.Durable + stays, unflushed - stays);
            var garbage = tearWrites ? random.Next(stays + 1) : 0;
            for (var i = file.Content.Count - garbage; i < file.Content.Count; i++)
            {
                file.Content[i] = (byte)random.Next(256);
            }

            TornFiles += stays < unflushed || garbage > 0 ? 1 : 0;
            file.Durable = file.Content.Count;
        }
    }

    private File Open(string file)
    {
        if (!_files.TryGetValue(file, out var found))
        {
            _files[file] = found = new File();
        }

        return found;
    }

    private sealed class File
    {
        public List<byte> Content { get; } = [];

        public int Durable { get; set; }
    }
}
