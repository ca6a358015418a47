using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>What a context block makes of one side; all of length 1 along the last dimension.</summary>
/// <param name="Local">Each element [b, N, E].</param>
/// <param name="Global">The whole [b, E].</param>
/// <param name="Context">The gated mixture of mean and whole [b, E].</param>
internal readonly record struct Contexts(Tensor Local, Tensor Global, Tensor Context);

/// <summary>SelfAlign's context block (models.md 4B), the same on both sides. Padding counts in mean and
/// BatchNorm.</summary>
internal sealed class ContextBlock
{
    private readonly bool relu;
    private readonly Linear projection;
    private readonly BatchNorm1d globalNorm;
    private readonly BatchNorm1d localNorm;
    private readonly Linear gateFirst;
    private readonly Linear gateSecond;

    /// <param name="owner">Registers the layers, under their published names.</param>
    /// <param name="width">Width of an element.</param>
    /// <param name="relu">Whether both normalised parts go through a ReLU.</param>
    public ContextBlock(torch.nn.Module owner, long width, bool relu)
    {
        this.relu = relu;
        projection = owner.register_module("ctx_fc", torch.nn.Linear(width, width));
        globalNorm = owner.register_module("ctx_fc_bn1", torch.nn.BatchNorm1d(width));
        localNorm = owner.register_module("ctx_fc_bn2", torch.nn.BatchNorm1d(width));
        gateFirst = torch.nn.Linear(2 * width, width);
        gateSecond = torch.nn.Linear(width, 1);
        owner.register_module("fusion_fn", new Group(("0", gateFirst), ("2", gateSecond)));
    }

    /// <summary>[b, N, width] to its contexts, in the caller's scope.</summary>
    public Contexts forward(Tensor elements)
    {
        var shape = elements.shape;
        var mean = elements.mean([1]);
        var whole = Open(globalNorm.forward(projection.forward(mean)));
        var local = Open(localNorm.forward(elements.reshape(-1, shape[2]))).view(shape);
        var hidden = torch.nn.functional.relu(gateFirst.forward(torch.cat([mean, whole], 1)));
        var gate = gateSecond.forward(hidden).sigmoid();
        var mixed = (gate * mean) + ((1 - gate) * whole);
        return new Contexts(
            Normalization.Guarded(local), Normalization.Guarded(whole), Normalization.Guarded(mixed));
    }

    private Tensor Open(Tensor x) => relu ? torch.nn.functional.relu(x) : x;
}
