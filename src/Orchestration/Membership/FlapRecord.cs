namespace Colony.Orchestration;

/// <summary>How often a worker of one name was lost lately, and until when it is kept out for that.</summary>
/// <param name="Losses">Losses in a row without a quiet window between them.</param>
/// <param name="Last">When the last one was.</param>
/// <param name="NotBefore">When it may take part again.</param>
public sealed record FlapRecord(int Losses, TimeSpan Last, TimeSpan NotBefore)
{
    /// <summary>The record after one more loss.</summary>
    /// <param name="old">The record before; null for the first loss.</param>
    /// <param name="now">When it was lost.</param>
    /// <param name="limit">Losses that are taken as bad luck.</param>
    /// <param name="window">A worker that lasted so long is trusted anew.</param>
    /// <param name="first">The first back-off; each further loss doubles it.</param>
    /// <param name="longest">The longest back-off.</param>
    public static FlapRecord After(
        FlapRecord? old, TimeSpan now, int limit, TimeSpan window, TimeSpan first, TimeSpan longest)
    {
        int losses = old is null || now - old.Last > window ? 1 : old.Losses + 1;
        if (losses < limit)
        {
            return new FlapRecord(losses, now, now);
        }

        double wait = first.TotalSeconds * Math.Pow(2, Math.Min(losses - limit, 30));
        return new FlapRecord(losses, now, now + TimeSpan.FromSeconds(Math.Min(wait, longest.TotalSeconds)));
    }
}
