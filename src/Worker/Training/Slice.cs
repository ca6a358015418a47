using Colony.Torch;

namespace Colony.Worker;

/// <summary>
/// A hosted slice from its forward to its backward pass. It holds its graph, unless the job says that graphs are to be
/// computed again.
/// </summary>
internal sealed class Slice(int rank, long[] samples) : IDisposable
{
    public int Rank => rank;

    /// <summary>Sample ids, one a row; a slice may be empty.</summary>
    public long[] Samples => samples;

    /// <summary>What the objective reads of it.</summary>
    public Tensor[] Outputs { get; init; } = [];

    /// <summary>A loss of the slice's own.</summary>
    public Tensor? Extra { get; init; }

    /// <summary>What the forward pass made of the model's buffers.</summary>
    public byte[] Buffers { get; init; } = [];

    /// <summary>The objective's gradient with respect to each output; null where the loss does not depend on
    /// it.</summary>
    public Tensor?[] Gradients { get; set; } = [];

    /// <summary>Called once when the graph is let go.</summary>
    public Action? Released { get; set; }

    /// <summary>Lets outputs and graph go; sample ids and gradients stay.</summary>
    public void DropGraph()
    {
        foreach (Tensor tensor in Outputs)
        {
            tensor.Dispose();
        }

        Extra?.Dispose();
        Released?.Invoke();
        Released = null;
    }

    public void Dispose()
    {
        DropGraph();
        foreach (Tensor? tensor in Gradients)
        {
            tensor?.Dispose();
        }
    }
}
