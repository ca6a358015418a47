using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>VSRN's captioning branch (models.md 4A): a GRU reads the regions, another says the caption with attention
/// to them, told every word before the next. Only for training.</summary>
internal sealed class Captioner : torch.nn.Module, IProbed
{
    private readonly int limit;
    private readonly bool bidirectional;
    private readonly Linear reading;
    private readonly GRU reader;
    private readonly Embedding words;
    private readonly Linear attention;
    private readonly Linear weight;
    private readonly GRU speaker;
    private readonly Linear output;
    private readonly Dropout dropout;

    public Captioner(VsrnOptions options, ModelInputs inputs)
    {
        limit = options.CaptionLength;
        bidirectional = options.CaptionBidirectional;
        var (vocabulary, hidden) = (Batch.Words(inputs), options.CaptionHidden);
        var state = bidirectional ? 2 * hidden : hidden;
        dropout = register_module("dropout", torch.nn.Dropout(options.Dropout));
        reading = XavierNormal(torch.nn.Linear(options.EmbedSize, hidden));
        reader = torch.nn.GRU(hidden, hidden, bidirectional: bidirectional);
        words = torch.nn.Embedding(vocabulary, options.CaptionWordDim);
        attention = torch.nn.Linear(2 * state, state);
        weight = torch.nn.Linear(state, 1, bias: false);
        speaker = torch.nn.GRU(options.CaptionWordDim + state, state);
        output = XavierNormal(torch.nn.Linear(state, vocabulary));
        register_module("encoder", new Group(("vid2hid", reading), ("rnn", reader)));
        register_module("decoder", new Group(
            ("embedding", words), ("attention", new Group(("linear1", attention), ("linear2", weight))),
            ("rnn", speaker), ("out", output)));
    }

    public Action<string, Tensor>? Probe { get; set; }

    /// <summary>Adds the captioner's loss to what a slice gives: its cost divided by the samples of the whole global
    /// batch. In the caller's scope.</summary>
    /// <param name="regions">[b, R, E].</param>
    /// <param name="batch">The slice.</param>
    /// <param name="result">Receives it as <c>extra_loss</c>.</param>
    public void AddLoss(Tensor regions, NamedTensors batch, NamedTensors result)
    {
        var ids = Batch.Require(batch, TensorNames.Captions, 2);
        var cost = Cost(regions, ids, Batch.Require(batch, TensorNames.CaptionLengths, 1));
        var share = cost / Batch.Rows(batch, ids.shape[0]);
        Probe?.Invoke("loss/caption", share);
        result.Add(TensorNames.ExtraLoss, share);
    }

    /// <param name="regions">[b, R, E].</param>
    /// <param name="ids">The captions [b, T], from start to end.</param>
    /// <param name="lengths">[b] int64.</param>
    /// <returns>The negative log-likelihood of the slice's captions, summed over words and captions. The pad after the
    /// end counts as a word to be said, as published.</returns>
    private Tensor Cost(Tensor regions, Tensor ids, Tensor lengths)
    {
        using var scope = torch.NewDisposeScope();
        var (labels, counted) = Labels(ids, lengths);
        var steps = (int)counted.shape[1];
        var logs = Say(regions, labels, steps);
        Probe?.Invoke("caption_logprobs", logs);
        var targets = labels.narrow(1, 1, steps).unsqueeze(2);
        return scope.MoveToOuter((logs.gather(2, targets).squeeze(2) * counted).sum().neg());
    }

    /// <summary>The words [b, steps + 1] and which of them, from the second, count [b, steps]. Steps are as many as the
    /// slice's longest caption needs; more would cost time and change nothing, and only a probe sees them.</summary>
    private (Tensor Labels, Tensor Counted) Labels(Tensor ids, Tensor lengths)
    {
        var (batch, size) = (ids.shape[0], (int)ids.shape[1]);
        var (from, counts) = (ids.ToArray<long>(), lengths.ToArray<long>());
        var longest = (int)counts.DefaultIfEmpty(1).Max();
        var steps = Probe is null ? Math.Min(limit - 1, longest) : limit - 1;
        var labels = new long[batch * (steps + 1)];
        var counted = new float[batch * steps];
        for (var i = 0; i < batch; i++)
        {
            var caption = from.AsSpan(i * size, (int)counts[i]);
            var own = labels.AsSpan(i * (steps + 1), steps + 1);
            var end = caption[^1];
            caption[..Math.Min(caption.Length, own.Length)].CopyTo(own);
            if (caption.Length > limit)
            {
                own[limit - 1] = end;
            }

            counted.AsSpan(i * steps, Math.Min(caption.Length, steps)).Fill(1);
        }

        return (torch.tensor(labels, [batch, steps + 1]).to(ids.device),
            torch.tensor(counted, [batch, steps]).to(ids.device));
    }

    /// <summary>Log-probabilities [b, steps, vocabulary] of the word after each.</summary>
    private Tensor Say(Tensor regions, Tensor labels, int steps)
    {
        var (batch, count) = (regions.shape[0], regions.shape[1]);
        var (seen, last) = reader.forward(dropout.forward(reading.forward(regions)));
        var state = bidirectional ? torch.cat([last.narrow(0, 0, 1), last.narrow(0, 1, 1)], 2) : last;
        var told = words.forward(labels);
        var said = new Tensor[steps];
        for (var t = 0; t < steps; t++)
        {
            var asked = state.transpose(0, 1).expand(batch, count, -1);
            var hints = weight.forward(attention.forward(torch.cat([seen, asked], 2)).tanh());
            var shares = torch.nn.functional.softmax(hints.squeeze(2), 1).unsqueeze(1);
            var context = torch.bmm(shares, seen).squeeze(1);
            var input = dropout.forward(torch.cat([told.select(1, t), context], 1)).unsqueeze(1);
            (var spoken, state) = speaker.forward(input, hidden: state);
            said[t] = torch.nn.functional.log_softmax(output.forward(spoken.squeeze(1)), 1);
        }

        return torch.stack(said, 1);
    }

    private static Linear XavierNormal(Linear layer)
    {
        var shape = layer.weight.shape;
        torch.nn.init.normal_(layer.weight, 0, Math.Sqrt(2.0 / (shape[0] + shape[1])));
        return layer;
    }
}
