using System.Diagnostics.CodeAnalysis;

namespace Colony.Model;

/// <summary>An objective that jobs can name.</summary>
/// <param name="Name">Its name in job files.</param>
/// <param name="Paper">Where it was published.</param>
/// <param name="OptionsType">The record of its options.</param>
/// <param name="Create">Makes it.</param>
public sealed record ObjectiveEntry(string Name, string Paper, Type OptionsType, Func<object, IObjective> Create);

/// <summary>All objectives.</summary>
public static class ObjectiveRegistry
{
    /// <summary>Every objective, in the order in which they are listed to people.</summary>
    public static IReadOnlyList<ObjectiveEntry> All { get; } =
    [
        new("hinge", "Faghri et al., VSE++, BMVC 2018; Messina et al., TERN, ICPR 2020",
            typeof(HingeOptions), options => new BidirectionalHinge((HingeOptions)options)),
        new("contrastive", "Hadsell et al. 2006, as in pytorch-metric-learning; kaylode/tern",
            typeof(ContrastiveOptions), options => new Contrastive((ContrastiveOptions)options)),
        new("triplet", "Balntas et al. 2016, as in pytorch-metric-learning; kaylode/tern",
            typeof(TripletOptions), options => new TripletMargin((TripletOptions)options)),
        new("ntxent", "Sohn 2016, Chen et al. 2020, as in pytorch-metric-learning; kaylode/tern",
            typeof(NtXentOptions), options => new NtXent((NtXentOptions)options)),
        new("info_nce", "van den Oord et al. 2018; Radford et al., CLIP, ICML 2021",
            typeof(InfoNceOptions), options => new NtXent(new NtXentOptions
            {
                Temperature = ((InfoNceOptions)options).Temperature,
                Pairs = new NtXentOptions().Pairs with { Across = true },
            })),
        new("multi_similarity", "Wang et al., Multi-Similarity Loss, CVPR 2019, as in pytorch-metric-learning",
            typeof(MultiSimilarityOptions), options => new MultiSimilarity((MultiSimilarityOptions)options)),
        new("circle", "Sun et al., Circle Loss, CVPR 2020, as in pytorch-metric-learning",
            typeof(CircleOptions), options => new Circle((CircleOptions)options)),
        new("supcon", "Khosla et al., Supervised Contrastive Learning, NeurIPS 2020, as in pytorch-metric-learning",
            typeof(SupConOptions), options => new SupCon((SupConOptions)options)),
        new("custom_ntxent", "Zhang et al., ConVIRT, 2020, as in kaylode/tern",
            typeof(CustomNtXentOptions), options => new CustomNtXent((CustomNtXentOptions)options)),
        new("selfalign", "Zhuang et al., SelfAlign, 2023: hinge, concept level and context level",
            typeof(SelfAlignOptions), options => new SelfAlignObjective((SelfAlignOptions)options)),
        new("hrem", "Fu et al., HREM, CVPR 2023: matching losses with and without relations among instances",
            typeof(HremObjectiveOptions), options => new HremObjective((HremObjectiveOptions)options)),
    ];

    /// <summary>The objective of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ObjectiveEntry Get(string name) => TryGet(name, out var entry)
        ? entry
        : throw new ArgumentException($"no objective is called '{name}'", nameof(name));

    /// <summary>The objective of that name; false when there is none.</summary>
    public static bool TryGet(string name, [NotNullWhen(true)] out ObjectiveEntry? entry)
    {
        entry = All.FirstOrDefault(candidate => string.Equals(candidate.Name, name, StringComparison.Ordinal));
        return entry is not null;
    }
}
