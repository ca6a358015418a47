namespace Colony.Model;

/// <summary>A tensor's name and sizes.</summary>
/// <param name="Name">The name.</param>
/// <param name="Shape">The sizes, slowest first.</param>
public sealed record WeightShape(string Name, IReadOnlyList<long> Shape);

/// <summary>Where a foreign tensor goes.</summary>
/// <param name="Own">The name in the model.</param>
/// <param name="Foreign">The name in the file.</param>
public sealed record WeightPair(string Own, string Foreign);

/// <summary>What a file of foreign weights is for a model.</summary>
/// <param name="Pairs">What is taken, in the order of the model.</param>
/// <param name="LeftOut">What the file has and the model does without, each with the reason.</param>
/// <param name="Problems">Every missing name, surplus name and wrong shape; empty when the file fits.</param>
/// <param name="Initial">What the file need not have, and keeps its initial values: all but the BERT where the file is
/// a BERT, VSRN's captioner, which is not saved, and what an objective learns.</param>
/// <param name="BertOnly">The file is a BERT.</param>
public sealed record WeightMatch(
    IReadOnlyList<WeightPair> Pairs,
    IReadOnlyList<string> LeftOut,
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Initial,
    bool BertOnly);
