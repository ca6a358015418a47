using System.Diagnostics.CodeAnalysis;
using Colony.Data;
using Colony.Jobs;
using Colony.Model;

namespace Colony.Evaluator.Tests;

/// <summary>What job files can name, from the registries.</summary>
internal sealed class RegistryVocabulary : IJobVocabulary
{
    public static RegistryVocabulary Instance { get; } = new();

    public Type DataOptions => typeof(DatasetOptions);

    public IReadOnlyList<string> Models => [.. ModelRegistry.All.Select(m => m.Name)];

    public IReadOnlyList<string> Objectives => [.. ObjectiveRegistry.All.Select(o => o.Name)];

    public bool TryModel(string name, [NotNullWhen(true)] out Type? options)
    {
        options = ModelRegistry.TryGet(name, out var entry) ? entry.OptionsType : null;
        return options is not null;
    }

    public bool TryObjective(string name, [NotNullWhen(true)] out Type? options)
    {
        options = ObjectiveRegistry.TryGet(name, out var entry) ? entry.OptionsType : null;
        return options is not null;
    }
}
