using System.Buffers.Binary;
using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>
/// A coordinator's journal on a simulated disk: forced entries are durable, others may be lost or torn at the end. What lies
/// on the disk is each entry's number; the entries themselves are the world's, so that no codec is simulated.
/// </summary>
internal sealed class SimulatedJournal
{
    private const string FileName = "journal";

    private readonly ColonyWorld _world;
    private readonly SimulatedDisk _disk;

    /// <summary>Opens it: a torn entry at the end is cut off.</summary>
    public SimulatedJournal(ColonyWorld world, SimulatedDisk disk)
    {
        (_world, _disk) = (world, disk);
        var bytes = disk.Read(FileName);
        var whole = bytes.Length - (bytes.Length % sizeof(int));
        if (whole < bytes.Length)
        {
            disk.Truncate(FileName, whole);
        }

        for (var at = 0; at < whole; at += sizeof(int))
        {
            var number = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
            State = State.Apply(world.JournalEntries[number]);
        }
    }

    /// <summary>What it says.</summary>
    public JournalState State { get; private set; } = JournalState.Empty;

    /// <summary>Keeps an entry.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Append(JournalEntry entry)
    {
        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(number, _world.JournalEntries.Count);
        _world.JournalEntries.Add(entry);
        _disk.Append(FileName, number);
        if (entry.Forced && _world.Flaw != Flaw.JournalIsNotForced)
        {
            _disk.Flush(FileName);
        }

        State = State.Apply(entry);
    }
}
