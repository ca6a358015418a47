using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>What CAMERA's text branch makes of a slice.</summary>
/// <param name="Concepts">Projected tokens [b, T, E].</param>
/// <param name="Attended">Tokens after attention [b, T, E].</param>
/// <param name="Lengths">Valid tokens [b], int64.</param>
/// <param name="Embedding">[b, E], of length 1.</param>
internal readonly record struct CameraCaptions(Tensor Concepts, Tensor Attended, Tensor Lengths, Tensor Embedding);

/// <summary>CAMERA's text branch (models.md 5A). Nothing masks padding: it takes part in attention, in BatchNorm and in
/// the mean.</summary>
internal sealed class CameraTextEncoder : torch.nn.Module, IProbed
{
    private readonly CameraOptions options;
    private readonly bool aligned;
    private readonly TextTokens tokens;
    private readonly Linear mapping;
    private readonly GatedAttention attention;
    private readonly Linear first;
    private readonly Linear second;
    private readonly BatchNorm1d norm;

    /// <param name="options">The options.</param>
    /// <param name="inputs">The data's sizes.</param>
    /// <param name="aligned">As SelfAlign has it: tokens are normalised over the tokens before attention, and the
    /// projection starts xavier-uniform.</param>
    public CameraTextEncoder(CameraOptions options, ModelInputs inputs, bool aligned)
    {
        (this.options, this.aligned) = (options, aligned);
        var width = options.EmbedSize;
        tokens = new TextTokens(options.Text, inputs, options.Bert);
        mapping = torch.nn.Linear(tokens.Width, width);
        if (aligned)
        {
            Initial.Xavier(mapping);
        }

        attention = new GatedAttention(width, options.Heads);
        first = torch.nn.Linear(width, width);
        second = torch.nn.Linear(width, width);
        norm = torch.nn.BatchNorm1d(width);
        if (tokens.Bert is { } bert)
        {
            register_module("bert", bert);
            foreach (var parameter in bert.parameters())
            {
                parameter.requires_grad = !options.FreezeBert;
            }
        }

        register_module("mapping", mapping);
        register_module("agsa", attention);
        register_module("fc1", first);
        register_module("fc2", second);
        register_module("bn", norm);
    }

    public Action<string, Tensor>? Probe { get; set; }

    public static void Rest(CameraOptions options, PublishedRest rest)
    {
        if (options.Text == "bert")
        {
            BertModel.Rest(rest, "txt_enc.bert", options.BertDim);
        }
    }

    /// <summary>Encodes a batch, in the caller's scope.</summary>
    public CameraCaptions forward(NamedTensors batch)
    {
        var read = tokens.Read(batch, change: 0, options.CaptionLength);
        read.Mask.Dispose();
        var mapped = mapping.forward(read.Hidden);
        var concepts = aligned ? Normalization.Exact(mapped) : mapped;
        var attended = attention.forward(concepts, null);
        Probe?.Invoke("txt_agsa", attended);
        var rows = attended.reshape(-1, attended.shape[2]);
        var change = norm.forward(second.forward(torch.nn.functional.relu(first.forward(rows))));
        var pooled = (attended + change.view(attended.shape)).mean([1]);
        return new CameraCaptions(concepts, attended, read.Lengths, Normalization.Guarded(pooled));
    }
}
