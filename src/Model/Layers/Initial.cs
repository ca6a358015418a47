using Colony.Torch;

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
}
