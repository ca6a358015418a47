using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.Serialization;

namespace Colony.Jobs.Tests;

/// <summary>Option records with one of everything that the binder can meet.</summary>
internal sealed class TestVocabulary : IJobVocabulary
{
    public static TestVocabulary Instance { get; } = new();

    public Type DataOptions => typeof(WorldOptions);

    public IReadOnlyList<string> Models => ["tern", "vsepp"];

    public IReadOnlyList<string> Objectives => ["hinge"];

    public bool TryModel(string name, [NotNullWhen(true)] out Type? options)
    {
        options = name switch { "tern" => typeof(TernLike), "vsepp" => typeof(Plain), _ => null };
        return options is not null;
    }

    public bool TryObjective(string name, [NotNullWhen(true)] out Type? options)
    {
        options = name == "hinge" ? typeof(HingeLike) : null;
        return options is not null;
    }
}

public enum Reduction
{
    MeanOfAll,
    First,
}

public sealed record WorldOptions
{
    public string? Path { get; init; }

    [IgnoreDataMember]
    public string Root { get; init; } = "";

    [Required]
    public string Format { get; init; } = "";

    [Range(1, 1000)]
    public IReadOnlyList<int> Sizes { get; init; } = [];

    public IReadOnlyList<Shard> Shards { get; init; } = [];

    public List<string> Names { get; init; } = [];

    [Category("same weights")]
    [DataMember(EmitDefaultValue = false)]
    public string Cache { get; init; } = "";
}

public sealed record Shard
{
    public string Name { get; init; } = "";

    public float Weight { get; init; } = 1.5f;
}

public sealed record Layer
{
    [Range(1, 64)]
    public int Heads { get; init; } = 4;

    public double Dropout { get; init; } = 0.1;
}

public sealed record TernLike : IValidatableObject
{
    [Range(8, 4096)]
    public int HiddenSize { get; init; } = 256;

    public Reduction Reduction { get; init; }

    [AllowedValues("sum", "concat")]
    public string Places { get; init; } = "sum";

    public bool Shared { get; init; } = true;

    public Layer Image { get; init; } = new() { Heads = 8 };

    public Layer? Text { get; init; }

    public long? Limit { get; init; }

    public int Derived => HiddenSize / 2;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (HiddenSize % Image.Heads != 0)
        {
            yield return new ValidationResult($"{HiddenSize} is no multiple of image.heads; make it one",
                [nameof(HiddenSize)]);
        }
    }
}

public sealed record Plain
{
    public required string Vocabulary { get; init; }
}

public sealed record HingeLike
{
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Margin { get; init; } = 0.2;
}
