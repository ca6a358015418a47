using System.ComponentModel.DataAnnotations;
using System.Runtime.Serialization;

namespace Colony.Model;

/// <summary>Contrastive loss of kaylode's TERN.</summary>
public sealed record ContrastiveOptions
{
    /// <summary>Distance that a positive may keep; with cosines or products, the value that it shall reach.</summary>
    [Range(0.0, 2.0)]
    public double PositiveMargin { get; init; }

    /// <summary>Distance that negatives shall reach; with cosines or products, the value that they may
    /// keep.</summary>
    [Range(0.0, 2.0)]
    public double NegativeMargin { get; init; } = 1;

    /// <summary>Which rows meet, and how they are compared.</summary>
    [DataMember(EmitDefaultValue = false)]
    public PairOptions Pairs { get; init; } = new();
}

/// <summary>Triplet margin loss of kaylode's TERN.</summary>
public sealed record TripletOptions
{
    /// <summary>How much farther a negative shall be than the positive.</summary>
    [Range(0.0, 2.0)]
    public double Margin { get; init; } = 0.05;

    /// <summary>A negative's distance is that from the anchor or that from the positive, whichever is less.</summary>
    [DataMember(EmitDefaultValue = false)]
    public bool Swap { get; init; }

    /// <summary>The softplus of the violation instead of its hinge.</summary>
    [DataMember(EmitDefaultValue = false)]
    public bool Smooth { get; init; }

    /// <summary>Which rows meet, how they are compared, and which triplets count.</summary>
    [DataMember(EmitDefaultValue = false)]
    public PairOptions Pairs { get; init; } = new();
}

/// <summary>NT-Xent over both modalities at once; with <c>pairs.across</c> InfoNCE.</summary>
public sealed record NtXentOptions
{
    /// <summary>Divides the cosines.</summary>
    [Range(1e-4, 100.0)]
    public double Temperature { get; init; } = 0.07;

    /// <summary>Which rows meet, and how they are compared.</summary>
    [DataMember(EmitDefaultValue = false)]
    public PairOptions Pairs { get; init; } = new() { Distance = "cosine", Mean = "all" };
}

/// <summary>InfoNCE between captions and images, both ways.</summary>
public sealed record InfoNceOptions
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

/// <summary>Multi-similarity loss.</summary>
public sealed record MultiSimilarityOptions
{
    /// <summary>Sharpness on the side of the positives.</summary>
    [Range(1e-3, 1000.0)]
    public double Alpha { get; init; } = 2;

    /// <summary>Sharpness on the side of the negatives.</summary>
    [Range(1e-3, 1000.0)]
    public double Beta { get; init; } = 50;

    /// <summary>The cosine or distance that positives shall be closer than and negatives farther.</summary>
    [Range(-2.0, 2.0)]
    public double Base { get; init; } = 0.5;

    /// <summary>Which rows meet, how they are compared, and which pairs count.</summary>
    public PairOptions Pairs { get; init; } = new() { Distance = "cosine", Mean = "all" };
}

/// <summary>Circle loss.</summary>
public sealed record CircleOptions : IValidatableObject
{
    /// <summary>How far from their optimum pairs may stay, in cosine.</summary>
    [Range(0.0, 1.0)]
    public double Margin { get; init; } = 0.4;

    /// <summary>Scale of the exponents.</summary>
    [Range(1e-3, 1000.0)]
    public double Gamma { get; init; } = 80;

    /// <summary>Which rows meet, and which pairs count.</summary>
    public PairOptions Pairs { get; init; } = new() { Distance = "cosine" };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Pairs is not { Distance: "cosine", Power: 1 })
        {
            yield return new ValidationResult(
                $"the circle loss is made for cosines, not for {Pairs.Distance} to the power of {Pairs.Power}; write "
                + "distance: cosine, power: 1",
                [nameof(Pairs)]);
        }
    }
}

/// <summary>Supervised contrastive loss.</summary>
public sealed record SupConOptions
{
    /// <summary>Divides the cosines.</summary>
    [Range(1e-4, 100.0)]
    public double Temperature { get; init; } = 0.1;

    /// <summary>Which rows meet, how they are compared, and which pairs count.</summary>
    public PairOptions Pairs { get; init; } = new() { Distance = "cosine" };
}
