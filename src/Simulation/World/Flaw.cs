namespace Colony.Simulation;

/// <summary>
/// A deliberate mistake in a simulated shell, never in the product's decisions, to see that the promises catch it.
/// </summary>
public enum Flaw
{
    /// <summary>No mistake.</summary>
    None,

    /// <summary>A joiner goes on from what it holds instead of the donor's state.</summary>
    JoinerSkipsTheCopy,

    /// <summary>When the member before dies, the next one adds up without its slices.</summary>
    SliceIsLostWithItsWorker,

    /// <summary>The generation of a chunk is not looked at.</summary>
    OldGenerationsChunkIsTaken,

    /// <summary>The step of a chunk is not looked at: a late copy passes for the next step's.</summary>
    OldStepsChunkIsTaken,

    /// <summary>A chunk that comes twice is added twice.</summary>
    ChunkIsAddedTwice,

    /// <summary>A checkpoint's part is copied when it is written, not when its step is done.</summary>
    CheckpointIsCopiedLate,

    /// <summary>A step counts as committed once one member has applied it.</summary>
    CommittedBeforeAllHold,

    /// <summary>A report that comes again after a reconnection is counted again.</summary>
    ReportIsCountedTwice,

    /// <summary>The hello of a worker that was a member before is lost.</summary>
    RejoinIsLost,

    /// <summary>One worker is told the members of the generation before.</summary>
    OldMembersAreSent,

    /// <summary>A worker answers that it has let go of its step, and goes on with it.</summary>
    WorkIsNotLetGo,

    /// <summary>A worker does not tell that it cannot reach a peer.</summary>
    LostLinkIsKeptQuiet,

    /// <summary>A worker that reconnects does not repeat what it reported before.</summary>
    ReportsAreNotRepeated,

    /// <summary>Nothing in the journal is forced to the disk before what follows from it is said.</summary>
    JournalIsNotForced,

    /// <summary>Nobody compares digests, so a worker that computed wrongly spreads its bits.</summary>
    DigestsAreNotCompared,
}
