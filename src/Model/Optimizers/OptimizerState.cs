using Colony.Torch;

namespace Colony.Model;

/// <summary>Restores optimizers from named tensors.</summary>
public static class OptimizerState
{
    /// <summary>Copies every state tensor from its namesake.</summary>
    /// <exception cref="ArgumentException">A tensor is missing or has another shape or type; nothing is changed
    /// then.</exception>
    public static void Load(IOptimizer optimizer, NamedTensors saved)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(saved);
        var pairs = new List<(Tensor To, Tensor From)>();
        foreach (var (name, tensor) in optimizer.State())
        {
            if (!saved.TryGet(name, out var source))
            {
                throw new ArgumentException($"The saved optimizer state has no '{name}'.", nameof(saved));
            }

            if (!source.shape.SequenceEqual(tensor.shape) || source.dtype != tensor.dtype)
            {
                throw new ArgumentException(
                    $"The saved optimizer state '{name}' is {source.dtype} [{string.Join(", ", source.shape)}] and " +
                    $"should be {tensor.dtype} [{string.Join(", ", tensor.shape)}].", nameof(saved));
            }

            pairs.Add((tensor, source));
        }

        using var unrecorded = torch.no_grad();
        foreach (var (to, from) in pairs)
        {
            to.copy_(from);
        }
    }
}
