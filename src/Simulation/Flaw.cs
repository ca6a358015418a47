namespace Colony.Simulation;

/// <summary>A deliberate mistake in a simulated shell, to see that the promises catch it.</summary>
public enum Flaw
{
    /// <summary>No mistake.</summary>
    None,

    /// <summary>A joiner goes on from what it holds instead of the donor's state.</summary>
    JoinerSkipsTheCopy,

    /// <summary>When a worker dies in a step, the others finish the step without its slices.</summary>
    SliceIsLostWithItsWorker,
}
