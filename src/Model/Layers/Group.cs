using Colony.Torch;

namespace Colony.Model;

/// <summary>A module that only gives its children a name in front, as published names have it.</summary>
internal sealed class Group : torch.nn.Module
{
    public Group(params ReadOnlySpan<(string Name, torch.nn.Module Module)> children)
    {
        foreach (var (name, module) in children)
        {
            register_module(name, module);
        }
    }
}
