using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>How TERN makes one vector of a sequence after the joint layers.</summary>
internal abstract class Aggregator : torch.nn.Module
{
    /// <param name="kind">first, sum, sum-and-map, gated or gru.</param>
    /// <param name="width">Width of the tokens and of the result.</param>
    public static Aggregator Create(string kind, long width) => kind switch
    {
        "first" => new FirstToken(),
        "sum" => new TokenSum(null),
        "sum-and-map" => new TokenSum(width),
        "gated" => new GatedSum(width),
        "gru" => new LastState(width),
        _ => throw new ArgumentException($"Unknown aggregation '{kind}'.", nameof(kind)),
    };

    /// <param name="tokens">[S, b, width].</param>
    /// <param name="lengths">[b] int64.</param>
    /// <param name="mask">Padding among the S positions.</param>
    /// <returns>[b, width].</returns>
    public abstract Tensor forward(Tensor tokens, Tensor lengths, PaddingMask mask);

    /// <summary>[b, S] to [S, b, 1].</summary>
    private static Tensor? Rows(PaddingMask mask) => mask.Padded?.transpose(0, 1).unsqueeze(2);

    private sealed class FirstToken : Aggregator
    {
        public override Tensor forward(Tensor tokens, Tensor lengths, PaddingMask mask) => tokens.select(0, 0);
    }

    private sealed class TokenSum : Aggregator
    {
        private readonly Perceptron? map;

        public TokenSum(long? mapWidth)
        {
            if (mapWidth is { } width)
            {
                map = new Perceptron(width, width);
                register_module("map", map);
            }
        }

        public override Tensor forward(Tensor tokens, Tensor lengths, PaddingMask mask)
        {
            using var scope = torch.NewDisposeScope();
            var valid = Rows(mask) is { } rows ? tokens.masked_fill(rows, 0) : tokens;
            var sum = valid.sum(0);
            return scope.MoveToOuter(map is null ? sum : map.forward(sum));
        }
    }

    /// <summary>A sum of transformed tokens, each weighted by a sigmoid gate of its own (weights need not sum to
    /// 1).</summary>
    private sealed class GatedSum : Aggregator
    {
        private readonly Perceptron gate;
        private readonly Perceptron node;

        public GatedSum(long width)
        {
            gate = new Perceptron(width, 1);
            node = new Perceptron(width, width);
            var inner = new Group();
            inner.register_module("gate_fn", gate);
            inner.register_module("node_fn", node);
            register_module("gated_aggr", inner);
        }

        public override Tensor forward(Tensor tokens, Tensor lengths, PaddingMask mask)
        {
            using var scope = torch.NewDisposeScope();
            var gates = gate.forward(tokens).sigmoid();
            var open = Rows(mask) is { } rows ? gates.masked_fill(rows, 0) : gates;
            return scope.MoveToOuter((open * node.forward(tokens)).sum(0));
        }
    }

    private sealed class LastState : Aggregator
    {
        private readonly GRU recurrence;

        public LastState(long width)
        {
            recurrence = torch.nn.GRU(width, width);
            register_module("gru_aggr", recurrence);
        }

        public override Tensor forward(Tensor tokens, Tensor lengths, PaddingMask mask) =>
            recurrence.forward(tokens.transpose(0, 1), lengths.cpu()).hidden.squeeze(0);
    }
}
