using System.Diagnostics.CodeAnalysis;
using Colony.Data;
using Colony.Jobs;
using Colony.Model;

namespace Colony.Cli;

/// <summary>The models, objectives and data options that job files can name, from their registries.</summary>
internal sealed class JobVocabulary : IJobVocabulary
{
    public static JobVocabulary Instance { get; } = new();

    public Type DataOptions => typeof(DatasetOptions);

    public IReadOnlyList<string> Models { get; } = [.. ModelRegistry.All.Select(m => m.Name)];

    public IReadOnlyList<string> Objectives { get; } = [.. ObjectiveRegistry.All.Select(o => o.Name)];

    public bool TryModel(string name, [NotNullWhen(true)] out Type? options)
    {
        options = ModelRegistry.TryGet(name, out ModelEntry? entry) ? entry.OptionsType : null;
        return options is not null;
    }

    public bool TryObjective(string name, [NotNullWhen(true)] out Type? options)
    {
        options = ObjectiveRegistry.TryGet(name, out ObjectiveEntry? entry) ? entry.OptionsType : null;
        return options is not null;
    }
}
