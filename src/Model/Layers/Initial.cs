using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>Initial values that torch.nn.init does not have.</summary>
internal static class Initial
{
    /// <summary>Gives <paramref name="to"/> the values of <paramref name="from"/>, a module of the same
    /// shape.</summary>
    public static void Copy(torch.nn.Module from, torch.nn.Module to)
    {
        if (ReferenceEquals(from, to))
        {
            return;
        }

        using var unrecorded = torch.no_grad();
        foreach (var ((_, source), (_, target)) in from.named_parameters().Zip(to.named_parameters()))
        {
            target.copy_(source);
        }
    }

    /// <summary>The VSE family's start of a layer: weight xavier-uniform, bias 0.</summary>
    public static Linear Xavier(Linear layer)
    {
        torch.nn.init.xavier_uniform_(layer.weight);
        if (layer.bias is not null)
        {
            torch.nn.init.zeros_(layer.bias);
        }

        return layer;
    }
}
