using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>The generalized pooling operator (Chen et al., CVPR 2021; models.md 6A): every feature's values are sorted,
/// and weighted by their rank. The weights depend on the number of elements alone; a small GRU over positions learns
/// them.</summary>
internal sealed class GpoPool : torch.nn.Module, IProbed
{
    private const double Temperature = 0.1;
    private const double Masked = -10000;
    private const double Wavelength = 10000;

    private readonly int positionDim;
    private readonly GRU recurrence;
    private readonly Linear score;

    /// <param name="positionDim">Width of a position; even.</param>
    /// <param name="hidden">Width of the GRU.</param>
    public GpoPool(int positionDim, int hidden)
    {
        if (positionDim % 2 != 0)
        {
            throw new ArgumentException($"positions are sines and cosines, {positionDim} is odd", nameof(positionDim));
        }

        this.positionDim = positionDim;
        recurrence = torch.nn.GRU(positionDim, hidden, bidirectional: true);
        score = torch.nn.Linear(hidden, 1, bias: false);
        register_module("gru", recurrence);
        register_module("linear", score);
    }

    public Action<string, Tensor>? Probe { get; set; }

    /// <param name="features">[b, N, d]; what lies behind a length does not matter.</param>
    /// <param name="lengths">[b] int64, each from 1 to N.</param>
    /// <param name="mask">The same as a mask.</param>
    /// <returns>[b, d].</returns>
    public Tensor forward(Tensor features, Tensor lengths, PaddingMask mask)
    {
        using var scope = torch.NewDisposeScope();
        var weights = Weights(features.shape[0], features.shape[1], lengths, mask, features.device);
        Probe?.Invoke("pool_weights", weights);
        var rows = mask.Padded?.unsqueeze(2);
        var open = rows is null ? features : features.masked_fill(rows, Masked);
        var sorted = open.sort(1, descending: true, stable: true).values;
        var valid = rows is null ? sorted : sorted.masked_fill(rows, 0);
        return scope.MoveToOuter((valid * weights).sum(1));
    }

    /// <summary>Sines and cosines of the positions 0 to <paramref name="count"/> - 1, [count, positionDim].</summary>
    internal Tensor Positions(long count)
    {
        var values = new float[count * positionDim];
        for (var i = 0; i < positionDim; i += 2)
        {
            // As in the published table: the rate is a float32 before it is multiplied.
            var rate = (float)Math.Exp(i * (-Math.Log(Wavelength) / positionDim));
            for (var position = 0; position < count; position++)
            {
                values[(position * positionDim) + i] = MathF.Sin(position * rate);
                values[(position * positionDim) + i + 1] = MathF.Cos(position * rate);
            }
        }

        return torch.tensor(values, [count, positionDim]);
    }

    /// <summary>[b, N, 1], 0 at padding.</summary>
    private Tensor Weights(long batch, long count, Tensor lengths, PaddingMask mask, Device device)
    {
        var positions = Positions(count).to(device).unsqueeze(0).expand(batch, count, positionDim);
        var both = recurrence.forward(positions.contiguous(), lengths.cpu()).output;
        var halves = both.chunk(2, 2);
        var scores = score.forward((halves[0] + halves[1]) / 2);
        var open = mask.Padded is { } padded ? scores.masked_fill(padded.unsqueeze(2), Masked) : scores;
        return torch.nn.functional.softmax(open / Temperature, 1);
    }
}
