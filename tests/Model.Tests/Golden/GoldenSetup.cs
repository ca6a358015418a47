namespace Colony.Model.Tests;

/// <summary>What a model's tests tell <see cref="GoldenCase"/> about a file.</summary>
internal sealed record GoldenSetup(IEncoder Encoder, IObjective Objective)
{
    /// <summary>The model's options, with all published layers.</summary>
    public required object Options { get; init; }

    /// <summary>The data's sizes.</summary>
    public required ModelInputs Inputs { get; init; }

    public AdamOptions Adam { get; init; } = new();

    /// <summary>Names in the file that differ from Colony's, by Colony's name.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();

    /// <summary>What the names of the objective's parameters begin with in the file.</summary>
    public string ObjectivePrefix { get; init; } = "";

    /// <summary>Whether the optimizer's list has a parameter twice.</summary>
    public Func<string, bool> Twice { get; init; } = _ => false;

    /// <summary>Follows <c>after1</c> and <c>after3</c> in the names of the values to compare with.</summary>
    public string AfterSuffix { get; init; } = "";

    /// <summary>The factor on the learning rate of a parameter.</summary>
    public Func<string, double> RateOf { get; init; } = _ => 1;

    /// <summary>Whether the file leaves gradient and later values of a parameter out, to save space.</summary>
    public Func<string, bool> LeavesGradientsOut { get; init; } = _ => false;

    /// <summary>Whether the parts of the loss are compared in a test of their own.</summary>
    public bool PartsElsewhere { get; init; }

    /// <summary>What the file calls the objective's share of the loss.</summary>
    public string ObjectiveLoss { get; init; } = "total";
}
