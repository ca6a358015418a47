namespace Colony.Torch.Modules;

/// <summary>
/// A gated recurrent unit over [batch, steps, features] with PyTorch's gates in the order reset, update, new; names and
/// shapes of the parameters are PyTorch's, so that its weights can be loaded.
/// </summary>
public sealed class GRU : torch.nn.Module
{
    private readonly List<Tensor> _weights = [];
    private readonly long _layers;
    private readonly bool _hasBias;
    private readonly double _dropout;
    private readonly bool _bidirectional;

    internal GRU(long inputSize, long hiddenSize, long layers, bool hasBias, double dropout, bool bidirectional)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hiddenSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        _layers = layers;
        _hasBias = hasBias;
        _dropout = dropout;
        _bidirectional = bidirectional;
        var directions = bidirectional ? 2 : 1;
        for (var layer = 0; layer < layers; layer++)
        {
            var layerInput = layer == 0 ? inputSize : hiddenSize * directions;
            for (var direction = 0; direction < directions; direction++)
            {
                AddDirection(FormattableString.Invariant($"_l{layer}{(direction == 1 ? "_reverse" : "")}"),
                    layerInput, hiddenSize);
            }
        }

        var bound = 1 / Math.Sqrt(hiddenSize);
        foreach (var weight in _weights)
        {
            torch.nn.init.uniform_(weight, -bound, bound);
        }
    }

    /// <summary>Runs over the sequences.</summary>
    /// <param name="input">[batch, steps, features].</param>
    /// <param name="lengths">
    /// Valid steps of each sample (int64, in host memory, at least 1, in any order). Each sample stops at its own end
    /// and the backward direction starts there, as with a packed sequence; without lengths all steps are valid.
    /// </param>
    /// <param name="hidden">The first hidden state, [layers * directions, batch, hidden]; zeros without.</param>
    /// <returns>
    /// The outputs, [batch, steps, directions * hidden], zero beyond each sample's end, and the last hidden state of
    /// each layer and direction, [layers * directions, batch, hidden].
    /// </returns>
    public unsafe (Tensor output, Tensor hidden) forward(Tensor input, Tensor? lengths = null, Tensor? hidden = null)
    {
        using var list = new HandleList(_weights.ToArray());
        fixed (nint* weights = list.Pointers)
        {
            return Native.Give(
                Native.colony_gru(
                    input.Handle, torch.nn.functional.OrNone(lengths), torch.nn.functional.OrNone(hidden), weights,
                    _weights.Count, _hasBias, _layers, _dropout, training, _bidirectional, out var output,
                    out var last),
                output, last);
        }
    }

    private void AddDirection(string suffix, long inputSize, long hiddenSize)
    {
        const int Gates = 3;
        Add("weight_ih" + suffix, [Gates * hiddenSize, inputSize]);
        Add("weight_hh" + suffix, [Gates * hiddenSize, hiddenSize]);
        if (_hasBias)
        {
            Add("bias_ih" + suffix, [Gates * hiddenSize]);
            Add("bias_hh" + suffix, [Gates * hiddenSize]);
        }
    }

    private void Add(string name, ReadOnlySpan<long> shape) =>
        _weights.Add(register_parameter(name, new Parameter(torch.empty(shape))));
}
