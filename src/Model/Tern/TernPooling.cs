using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>What both branches of TERN end with when they are used alone.</summary>
internal static class TernPooling
{
    /// <summary>[S, b, d] to [b, E]: the mean over all S positions, projected; absolute for order embeddings.</summary>
    public static Tensor Mean(Tensor tokens, Linear map, bool absolute)
    {
        using var scope = torch.NewDisposeScope();
        var projected = map.forward(tokens.mean([0]));
        return scope.MoveToOuter(absolute ? projected.abs() : projected);
    }
}
