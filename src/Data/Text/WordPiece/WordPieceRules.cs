namespace Colony.Data;

/// <summary>
/// How a text becomes word pieces. The published tokenizers agree on ordinary captions; these are their differences.
/// </summary>
/// <param name="LowerCase">Small letters without accents, for an uncased BERT.</param>
/// <param name="KeepSpecial">A <c>[MASK]</c> and the like inside a text stays one piece.</param>
/// <param name="SplitChinese">Every CJK ideograph is a word of its own.</param>
/// <param name="KeepUnassigned">Private and unassigned characters stay in their words.</param>
/// <param name="LongestWord">Characters of a word beyond which it is unknown as a whole.</param>
public sealed record WordPieceRules(
    bool LowerCase, bool KeepSpecial, bool SplitChinese, bool KeepUnassigned, int LongestWord)
{
    private const int Usual = 100;

    private const int OfGoogle = 200;

    /// <summary>The names that <see cref="Of"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["transformers", "hrem", "google", "camera"];

    /// <summary>The rules of a published tokenizer: <c>transformers</c> (Hugging Face; TERN), <c>hrem</c> (the same,
    /// with special pieces cut like any text; HREM, VSE-infinity), <c>google</c> (google-research/bert), <c>camera</c>
    /// (CAMERA's copy).</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="lowerCase">Whether the BERT is an uncased one.</param>
    /// <exception cref="ArgumentException">There is no such name.</exception>
    public static WordPieceRules Of(string name, bool lowerCase) => name switch
    {
        "transformers" => new WordPieceRules(lowerCase, true, true, false, Usual),
        "hrem" => new WordPieceRules(lowerCase, false, true, false, Usual),
        "google" => new WordPieceRules(lowerCase, false, true, true, OfGoogle),
        "camera" => new WordPieceRules(lowerCase, false, false, false, Usual),
        _ => throw new ArgumentException(
            $"No word piece rules are called '{name}'; there are {string.Join(", ", Names)}.", nameof(name)),
    };
}
