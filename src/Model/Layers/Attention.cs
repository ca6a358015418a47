using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>Scaled dot-product attention over several heads (Vaswani et al. 2017), sequence first: in that layout the
/// heads are views of the projections, and batched products read them without a copy.</summary>
internal static class Attention
{
    /// <param name="q">Queries [S, b, d].</param>
    /// <param name="k">Keys [S, b, d].</param>
    /// <param name="v">Values [S, b, d].</param>
    /// <param name="heads">Number of heads H; divides d.</param>
    /// <param name="mask">Positions that no query may look at; null: none.</param>
    /// <param name="dropout">Dropout of the attention weights.</param>
    /// <param name="bias">Added to the scores of every sample and head, [S, S]; null: nothing.</param>
    /// <param name="relative">Relative positions of keys and values; null: none.</param>
    /// <returns>The heads' results side by side, [S, b, d].</returns>
    public static Tensor Attend(Tensor q, Tensor k, Tensor v, long heads, PaddingMask? mask, Dropout dropout,
        Tensor? bias = null, RelativeTables? relative = null)
    {
        var scope = torch.NewDisposeScope();
        using (scope)
        {
            var (length, batch, width) = (q.shape[0], q.shape[1], q.shape[2]);
            var headWidth = width / heads;
            var scaled = q * (1.0 / Math.Sqrt(headWidth));
            var queries = Heads(scaled);
            var logits = torch.bmm(queries, Heads(k).transpose(1, 2));
            logits = relative is null ? logits : logits + relative.Scores(queries, batch);
            logits = bias is null ? logits : logits + bias;
            if (mask?.Padded is { } padded)
            {
                var keys = padded.view(batch, 1, 1, length);
                logits = logits.view(batch, heads, length, length).masked_fill_(keys, double.NegativeInfinity)
                    .view(batch * heads, length, length);
            }

            var weights = dropout.forward(torch.nn.functional.softmax(logits, -1));
            var mixed = torch.bmm(weights, Heads(v));
            mixed = relative is null ? mixed : mixed + relative.Mixed(weights, batch);
            return scope.MoveToOuter(mixed.transpose(0, 1).reshape(length, batch, width));
        }

        Tensor Heads(Tensor x) => x.view(x.shape[0], x.shape[1] * heads, x.shape[2] / heads).transpose(0, 1);
    }
}
