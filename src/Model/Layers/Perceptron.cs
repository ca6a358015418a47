using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>Linear, ReLU, Linear, named 0 and 2 as in an nn.Sequential.</summary>
internal sealed class Perceptron : torch.nn.Module
{
    private readonly Linear first;
    private readonly Linear second;

    public Perceptron(long width, long result)
    {
        first = torch.nn.Linear(width, width);
        second = torch.nn.Linear(width, result);
        register_module("0", first);
        register_module("2", second);
    }

    public Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(second.forward(torch.nn.functional.relu(first.forward(x))));
    }
}
