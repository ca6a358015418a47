using System.Text.Json;

namespace Colony.Model;

/// <summary>What Hugging Face's <c>config.json</c> says of a BERT, as far as its values depend on it.</summary>
/// <param name="Vocabulary">Word pieces (<c>vocab_size</c>).</param>
/// <param name="Width">Width of a hidden state (<c>hidden_size</c>).</param>
/// <param name="Layers">Layers (<c>num_hidden_layers</c>).</param>
/// <param name="Heads">Heads of attention (<c>num_attention_heads</c>).</param>
/// <param name="Intermediate">Width of the feed-forward layers (<c>intermediate_size</c>).</param>
/// <param name="Positions">Positions, hence the longest caption (<c>max_position_embeddings</c>).</param>
/// <param name="Types">Token types (<c>type_vocab_size</c>).</param>
/// <param name="Epsilon">Added to the variance in every LayerNorm (<c>layer_norm_eps</c>).</param>
/// <param name="Activation"><c>gelu</c>, the exact one, or <c>relu</c> (<c>hidden_act</c>).</param>
/// <param name="Dropout">Dropout of hidden states (<c>hidden_dropout_prob</c>).</param>
/// <param name="AttentionDropout">Dropout of attention weights (<c>attention_probs_dropout_prob</c>).</param>
public sealed record BertConfiguration(
    int Vocabulary, int Width, int Layers, int Heads, int Intermediate, int Positions, int Types, double Epsilon,
    string Activation, double Dropout, double AttentionDropout)
{
    /// <summary>The longest file read.</summary>
    public const int MaxBytes = 1 << 20;

    private const int MaxDepth = 16;
    private const double UsualEpsilon = 1e-12;
    private const int UsualTypes = 2;
    private const int MaxSize = 1 << 24;
    private static readonly string[] Activations = ["gelu", "relu"];

    internal BertShape Shape => new(Vocabulary, Width, Layers, Heads, Intermediate, Positions)
    {
        Types = Types, Epsilon = Epsilon, Relu = Activation == "relu", AttentionDropout = AttentionDropout,
    };

    /// <summary>The BERT that a model's options describe: what they leave open is as in the published ones.</summary>
    internal static BertConfiguration Of(
        int width, int layers, int heads, int intermediate, int positions, double dropout) =>
        new(0, width, layers, heads, intermediate, positions, UsualTypes, UsualEpsilon, Activations[0], dropout,
            dropout);

    /// <summary>Reads a configuration. Fields that are absent have the values that transformers gives them.</summary>
    /// <param name="json">The bytes of the file.</param>
    /// <param name="source">What to call the file in messages.</param>
    /// <exception cref="ArgumentException">It is not JSON, or no BERT that this program has; one line names file and
    /// field.</exception>
    public static BertConfiguration Parse(ReadOnlyMemory<byte> json, string source)
    {
        if (json.Length > MaxBytes)
        {
            throw new ArgumentException(
                $"{source}: has {json.Length} bytes, and a BERT's config.json at most {MaxBytes}.");
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new Fields(document.RootElement, source).Read()
                : throw new ArgumentException($"{source}: is not a JSON object; take the BERT's config.json.");
        }
        catch (JsonException error)
        {
            throw new ArgumentException(
                $"{source}: line {error.LineNumber + 1} is not JSON; take the BERT's config.json again.", error);
        }
    }

    /// <summary>What a model's BERT does not share with this one, each as a sentence part; fewer layers are none, for
    /// TERN keeps the first 6 of 12.</summary>
    /// <param name="options">The model's options.</param>
    public IReadOnlyList<string> Differences(IBertOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var found = new List<string>();
        var own = options.Bert;
        Compare("hidden_size", Width, own.Width);
        Compare("num_attention_heads", Heads, own.Heads);
        Compare("intermediate_size", Intermediate, own.Intermediate);
        Compare("max_position_embeddings", Positions, own.Positions);
        Compare("type_vocab_size", Types, own.Types);
        Compare("layer_norm_eps", Epsilon, own.Epsilon);
        if (Layers < own.Layers)
        {
            found.Add($"num_hidden_layers is {Layers} and the job's BERT has {own.Layers}");
        }

        if (!string.Equals(Activation, own.Activation, StringComparison.Ordinal))
        {
            found.Add($"hidden_act is {Activation} and the job's BERT has {own.Activation}");
        }

        return found;

        void Compare<T>(string field, T theirs, T ours)
            where T : IEquatable<T>
        {
            if (!theirs.Equals(ours))
            {
                found.Add(FormattableString.Invariant($"{field} is {theirs} and the job's BERT has {ours}"));
            }
        }
    }

    /// <summary>The fields of one file.</summary>
    private readonly struct Fields(JsonElement root, string source)
    {
        public BertConfiguration Read()
        {
            Only("model_type", "bert");
            Only("position_embedding_type", "absolute");
            if (Flag("is_decoder") || Flag("add_cross_attention"))
            {
                throw Wrong("is_decoder", "true", "only encoders are read");
            }

            if (Whole("pad_token_id", 0, 0) != 0)
            {
                throw Wrong("pad_token_id", $"{Whole("pad_token_id", 0, 0)}", "padding is 0 here");
            }

            var activation = Text("hidden_act", "gelu");
            if (!Activations.Contains(activation, StringComparer.Ordinal))
            {
                throw Wrong("hidden_act", activation, $"known are {string.Join(" and ", Activations)}");
            }

            var read = new BertConfiguration(
                Whole("vocab_size", null), Whole("hidden_size", null), Whole("num_hidden_layers", null),
                Whole("num_attention_heads", null), Whole("intermediate_size", null),
                Whole("max_position_embeddings", 512), Whole("type_vocab_size", UsualTypes),
                Number("layer_norm_eps", UsualEpsilon),
                activation, Number("hidden_dropout_prob", 0.1), Number("attention_probs_dropout_prob", 0.1));
            return read.Width % read.Heads == 0
                ? read
                : throw Wrong(
                    "num_attention_heads", $"{read.Heads}", $"it does not divide the hidden_size {read.Width}");
        }

        private int Whole(string field, int? otherwise, int least = 1)
        {
            if (!root.TryGetProperty(field, out var value))
            {
                return otherwise ?? throw Wrong(field, "absent", "every BERT has it");
            }

            return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
                && number >= least && number <= MaxSize
                ? number
                : throw Wrong(field, Shown(value), $"a whole number from {least} to {MaxSize} is needed");
        }

        private double Number(string field, double otherwise) =>
            !root.TryGetProperty(field, out var value) ? otherwise
            : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is >= 0 and < 1
                ? number
                : throw Wrong(field, Shown(value), "a number from 0 to 1 is needed");

        private bool Flag(string field) =>
            root.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.True;

        private string Text(string field, string otherwise) =>
            !root.TryGetProperty(field, out var value) ? otherwise
            : value.ValueKind == JsonValueKind.String ? value.GetString()!
            : throw Wrong(field, Shown(value), "a word is needed");

        private void Only(string field, string needed)
        {
            var found = Text(field, needed);
            if (!string.Equals(found, needed, StringComparison.Ordinal))
            {
                throw Wrong(field, found, $"only {needed} is read");
            }
        }

        private ArgumentException Wrong(string field, string found, string why) =>
            new($"{source}: {field} is {OneLine(found)}: {why}.");

        private static string Shown(JsonElement value) => value.GetRawText();

        private static string OneLine(string text)
        {
            const int Most = 60;
            var line = new string([.. text.Take(Most).Select(c => char.IsControl(c) ? ' ' : c)]);
            return text.Length > Most ? line + "..." : line;
        }
    }
}
