using Colony.Torch;

namespace Colony.Model;

/// <summary>The three ways in which the models here bring rows to length 1 (models.md 0.3).</summary>
internal static class Normalization
{
    private const double Smallest = 1e-12;
    private const double Softening = 1e-8;

    /// <summary>x / |x| along the second dimension, without an epsilon, as TERN and VSE++ do ("L2a").</summary>
    public static Tensor Exact(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(x / x.pow(2).sum(1, true).sqrt());
    }

    /// <summary>x / max(|x|, 1e-12) along the last dimension, as F.normalize does ("L2c").</summary>
    public static Tensor Guarded(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(x / x.norm(-1, 2, true).clamp(min: Smallest));
    }

    /// <summary>x / (|x| + 1e-8) along the last dimension, as SCAN, VSE-infinity and HREM do ("L2b").</summary>
    public static Tensor Softened(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(x / (x.pow(2).sum(-1, true).sqrt() + Softening));
    }
}
