using System.Globalization;

namespace Colony.Model;

/// <summary>
/// Finds a model's weights in the state dictionaries that the published code saves (models.md 11), and in the weights
/// of a BERT as Hugging Face has them. The models here keep the published names, so what is left are the containers
/// around them and names of other times. Pure.
/// </summary>
public static class PublishedWeights
{
    private const string WordTable = "embeddings.word_embeddings.weight";
    private const string BertPrefix = "bert.";
    private const string ModelKey = "model.";
    private const string ParallelPart = "module";
    private const string LayersPart = "encoder.layer.";

    private static readonly string[] BertParts = ["embeddings.", LayersPart];

    /// <summary>The objective's part of a state.</summary>
    private const string Learned = SelfAlignObjective.Prefix;

    /// <summary>Parts of a model whose state is saved as a list.</summary>
    private static readonly string[] Parts = ["img_enc.", "txt_enc.", Learned];

    /// <summary>What VSRN trains along and does not save.</summary>
    private const string Unsaved = "caption_model.";

    /// <summary>Matches names and shapes.</summary>
    /// <param name="own">The model's parameters and buffers, and what the objective learns and the published state
    /// has.</param>
    /// <param name="rest">Names that the published state has beside them (<see cref="PublishedRest.Names"/>).</param>
    /// <param name="foreign">The tensors of the file.</param>
    public static WeightMatch Match(
        IReadOnlyList<WeightShape> own, IReadOnlyList<string> rest, IReadOnlyList<WeightShape> foreign)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(rest);
        ArgumentNullException.ThrowIfNull(foreign);
        var wanted = own.ToDictionary(weight => weight.Name, StringComparer.Ordinal);
        var inner = own.FirstOrDefault(weight => weight.Name.EndsWith(WordTable, StringComparison.Ordinal))?
            .Name[..^WordTable.Length];
        var nested = foreign.Any(weight => weight.Name.StartsWith(ModelKey, StringComparison.Ordinal));
        var bertOnly = !nested && foreign.Any(weight => IsBert(Plain(weight.Name)))
            && !own.Any(weight => IsBert(weight.Name));
        var search = new Search(wanted, [.. rest], bertOnly ? inner : null);
        if (bertOnly && inner is null)
        {
            return new WeightMatch([], [], ["the file is a BERT, and the model has none inside"], [], true);
        }

        foreach (var weight in foreign)
        {
            if (!nested || weight.Name.StartsWith(ModelKey, StringComparison.Ordinal))
            {
                search.Add(weight, Own(weight.Name, nested, bertOnly ? inner : null));
            }
        }

        return search.End(own, bertOnly);
    }

    private static bool IsBert(string name) =>
        BertParts.Any(part => name.StartsWith(part, StringComparison.Ordinal)
            || name.StartsWith(BertPrefix + part, StringComparison.Ordinal));

    /// <summary>What a file's name would be in the model.</summary>
    private static string Own(string name, bool nested, string? inner)
    {
        var plain = Plain(nested ? name[ModelKey.Length..] : name);
        if (nested && plain.Length > 1 && plain[1] == '.' && char.IsAsciiDigit(plain[0]))
        {
            var part = plain[0] - '0';
            plain = part < Parts.Length ? Parts[part] + plain[2..] : plain;
        }

        return inner is null ? plain
            : inner + (plain.StartsWith(BertPrefix, StringComparison.Ordinal) ? plain[BertPrefix.Length..] : plain);
    }

    /// <summary>Without what DataParallel puts between, and with today's names of a LayerNorm.</summary>
    private static string Plain(string name)
    {
        var parts = name.Split('.').Where(part => part != ParallelPart).ToArray();
        if (parts.Length > 1 && parts[^2] == "LayerNorm")
        {
            parts[^1] = parts[^1] switch { "gamma" => "weight", "beta" => "bias", var other => other };
        }

        return string.Join('.', parts);
    }

    private sealed class Search(Dictionary<string, WeightShape> wanted, HashSet<string> rest, string? inner)
    {
        private readonly Dictionary<string, string> found = new(StringComparer.Ordinal);
        private readonly List<string> leftOut = [];
        private readonly List<string> problems = [];

        public void Add(WeightShape weight, string name)
        {
            if (!wanted.TryGetValue(name, out var own))
            {
                if (Reason(name) is { } reason)
                {
                    leftOut.Add($"'{weight.Name}': {reason}");
                    return;
                }

                problems.Add($"'{weight.Name}' is surplus: the model has nothing of that name");
            }
            else if (!found.TryAdd(name, weight.Name))
            {
                problems.Add($"'{weight.Name}' and '{found[name]}' are both '{name}' here");
            }
            else if (!own.Shape.SequenceEqual(weight.Shape))
            {
                problems.Add($"'{weight.Name}' is {Sizes(weight.Shape)} and should be {Sizes(own.Shape)}");
            }
        }

        public WeightMatch End(IReadOnlyList<WeightShape> own, bool bertOnly)
        {
            var initial = new List<string>();
            foreach (var weight in own.Where(weight => !found.ContainsKey(weight.Name)))
            {
                var absent = weight.Name.StartsWith(Unsaved, StringComparison.Ordinal)
                    || weight.Name.StartsWith(Learned, StringComparison.Ordinal)
                    || (bertOnly && !weight.Name.StartsWith(inner!, StringComparison.Ordinal));
                if (absent)
                {
                    initial.Add(weight.Name);
                }
                else
                {
                    problems.Add($"'{weight.Name}' {Sizes(weight.Shape)} is missing");
                }
            }

            var pairs = own.Where(weight => found.ContainsKey(weight.Name))
                .Select(weight => new WeightPair(weight.Name, found[weight.Name]));
            return new WeightMatch([.. pairs], leftOut, problems, initial, bertOnly);
        }

        /// <summary>Why a name that the model lacks is no mistake; null when it is one.</summary>
        private string? Reason(string name)
        {
            if (inner is not null && name.StartsWith(inner + "cls.", StringComparison.Ordinal))
            {
                return "the head of BERT's own training";
            }

            if (name.EndsWith("position_ids", StringComparison.Ordinal)
                || name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            {
                return "a counter that nothing is computed from";
            }

            if (name.EndsWith("txt_enc.word_embeddings.weight", StringComparison.Ordinal))
            {
                return "the second name of BERT's word table";
            }

            if (name.StartsWith(Learned, StringComparison.Ordinal))
            {
                return "another objective's own";
            }

            return rest.Contains(name) ? "no result depends on it"
                : IsLayerBeyond(name) ? "the model has fewer layers of BERT"
                : null;
        }

        private bool IsLayerBeyond(string name)
        {
            var at = name.IndexOf(LayersPart, StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            var number = name.AsSpan(at + LayersPart.Length);
            var end = number.IndexOf('.');
            var stem = name[..(at + LayersPart.Length)];
            return end > 0 && wanted.Keys.Any(key => key.StartsWith(stem, StringComparison.Ordinal))
                && int.TryParse(number[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
                && !wanted.Keys.Any(key => key.StartsWith(
                    string.Create(CultureInfo.InvariantCulture, $"{stem}{layer}."), StringComparison.Ordinal));
        }

        private static string Sizes(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
    }
}
