using System.Buffers.Binary;
using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>
/// A coordinator's journal on a simulated disk: forced entries are durable, others may be lost or torn at the end. What
/// lies on the disk is each entry's number and a checksum of it; the entries themselves are the world's, so that no
/// codec is simulated.
/// </summary>
internal sealed class SimulatedJournal
{
    private const string FileName = "journal";
    private const int FrameBytes = sizeof(int) + sizeof(ulong);

    private readonly ColonyWorld _world;
    private readonly SimulatedDisk _disk;

    /// <summary>Opens it: a torn entry at the end is cut off.</summary>
    public SimulatedJournal(ColonyWorld world, SimulatedDisk disk)
    {
        (_world, _disk) = (world, disk);
        var bytes = disk.Read(FileName);
        var whole = 0;
        while (Entry(bytes.AsSpan(whole)) is { } number)
        {
            State = State.Apply(world.JournalEntries[number]);
            whole += FrameBytes;
        }

        if (whole < bytes.Length)
        {
            disk.Truncate(FileName, whole);
        }
    }

    /// <summary>What it says.</summary>
    public JournalState State { get; private set; } = JournalState.Empty;

    /// <summary>Keeps an entry.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Append(JournalEntry entry)
    {
        var number = _world.JournalEntries.Count;
        Span<byte> frame = stackalloc byte[FrameBytes];
        BinaryPrimitives.WriteInt32LittleEndian(frame, number);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[sizeof(int)..], SeededRandom.Once((ulong)number));
        _world.JournalEntries.Add(entry);
        _disk.Append(FileName, frame);
        if (entry.Forced && _world.Flaw != Flaw.JournalIsNotForced)
        {
            _disk.Flush(FileName);
        }

        State = State.Apply(entry);
    }

    /// <summary>The number in the first frame; null when there is no whole one.</summary>
    private static int? Entry(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FrameBytes)
        {
            return null;
        }

        var number = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes[sizeof(int)..]) == SeededRandom.Once((ulong)number)
            ? number
            : null;
    }
}
