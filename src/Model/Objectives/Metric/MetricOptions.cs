using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>Contrastive loss of kaylode's TERN.</summary>
public sealed record ContrastiveOptions
{
    /// <summary>Distance that a pair may keep.</summary>
    [Range(0.0, 2.0)]
    public double PositiveMargin { get; init; }

    /// <summary>Distance that all others shall reach.</summary>
    [Range(0.0, 2.0)]
    public double NegativeMargin { get; init; } = 1;
}

/// <summary>Triplet margin loss of kaylode's TERN.</summary>
public sealed record TripletOptions
{
    /// <summary>How much farther a negative shall be than the positive.</summary>
    [Range(0.0, 2.0)]
    public double Margin { get; init; } = 0.05;
}

/// <summary>NT-Xent over both modalities at once.</summary>
public sealed record NtXentOptions
{
    /// <summary>Divides the cosines.</summary>
    [Range(1e-4, 100.0)]
    public double Temperature { get; init; } = 0.07;
}

/// <summary>Two-sided NT-Xent (ConVIRT).</summary>
public sealed record CustomNtXentOptions
{
    /// <summary>Divides the cosines.</summary>
    [Range(1e-4, 100.0)]
    public double Temperature { get; init; } = 0.5;

    /// <summary>Share of the half in which captions are the queries.</summary>
    [Range(0.0, 1.0)]
    public double Weight { get; init; } = 0.5;
}
