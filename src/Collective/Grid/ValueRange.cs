namespace Colony.Collective;

/// <summary>What was wrong with a block's values; flags, because a block may have both faults.</summary>
[Flags]
internal enum ValueRange
{
    Fits = 0,

    /// <summary>A finite value beyond the 64-bit limit of its block's grid.</summary>
    TooLarge = 1,

    /// <summary>NaN or an infinity.</summary>
    NotFinite = 2,
}
