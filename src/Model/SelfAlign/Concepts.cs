using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>The concept level (LCA, models.md 5B): every word is to be told apart by prototypes as the region is that
/// it fits best, whose assignment is made without gradient and balanced over the whole batch.</summary>
internal sealed class Concepts : torch.nn.Module
{
    private readonly SelfAlignOptions options;
    private readonly Linear prototypes;

    public Concepts(SelfAlignOptions options)
    {
        this.options = options;
        prototypes = torch.nn.Linear(options.EmbedSize, options.Prototypes, bias: false);
        register_module("v_prototypes", prototypes);
    }

    /// <param name="regions">[B, R, E], of length 1.</param>
    /// <param name="words">[B, T, E], of length 1.</param>
    /// <param name="lengths">Valid words [B], floating-point.</param>
    /// <param name="probe">Sees the assignment.</param>
    public Tensor Loss(Tensor regions, Tensor words, Tensor lengths, Action<string, Tensor>? probe)
    {
        using var scope = torch.NewDisposeScope();
        var weight = Unit();
        var logs = torch.nn.functional.log_softmax(
            torch.nn.functional.linear(words, weight) / options.ConceptTemperature, -1);
        var chosen = Assignments(regions, words, weight, probe);
        var costs = (chosen * logs).sum(2).neg();
        var beyond = torch.arange(words.shape[1], dtype: lengths.dtype, device: lengths.device)
            .ge(lengths.unsqueeze(1));
        return scope.MoveToOuter((costs.masked_fill(beyond, 0).sum(1) / lengths).mean());
    }

    /// <summary>Writes the normalised prototypes back, as the published code does before each use.</summary>
    public void Normalize()
    {
        using var unrecorded = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        prototypes.weight.copy_(Normalization.Guarded(prototypes.weight));
    }

    /// <summary>Drops the prototypes' gradient.</summary>
    public void Freeze() => prototypes.weight.grad = null;

    /// <summary>The prototypes with length 1; their gradient is that of the normalised ones, as if those were stored.
    /// The difference in front is 0 to the last bit.</summary>
    private Tensor Unit()
    {
        var stored = prototypes.weight.detach();
        return (prototypes.weight - stored) + Normalization.Guarded(stored);
    }

    /// <summary>For every word the assignment [B, T, K] of the region of its image that it fits best.</summary>
    private Tensor Assignments(Tensor regions, Tensor words, Tensor weight, Action<string, Tensor>? probe)
    {
        using var unrecorded = torch.no_grad();
        var (batch, count, size) = (regions.shape[0], regions.shape[1], words.shape[1]);
        var scores = torch.nn.functional.linear(regions.reshape(-1, regions.shape[2]), weight);
        var assigned = Sinkhorn(scores, options.SinkhornEpsilon, options.SinkhornIterations).view(batch, count, -1);
        probe?.Invoke("assign", assigned);
        var best = torch.bmm(words, regions.transpose(1, 2)).argmax(2);
        return assigned.gather(1, best.unsqueeze(2).expand(batch, size, assigned.shape[2]));
    }

    /// <summary>Soft assignments of M samples to K prototypes whose rows sum to 1 and whose columns are nearly alike
    /// (Sinkhorn-Knopp, as in SwAV): [M, K] to [M, K]. In the published order, no maximum subtracted.</summary>
    internal static Tensor Sinkhorn(Tensor scores, double epsilon, int iterations)
    {
        using var scope = torch.NewDisposeScope();
        var (samples, prototypes) = (scores.shape[0], scores.shape[1]);
        var shares = (scores / epsilon).exp().transpose(0, 1);
        shares /= shares.sum();
        for (var i = 0; i < iterations; i++)
        {
            shares = shares / shares.sum(1, true) / prototypes;
            shares = shares / shares.sum(0, true) / samples;
        }

        return scope.MoveToOuter((shares * samples).transpose(0, 1).contiguous());
    }
}
