using System.Diagnostics.CodeAnalysis;

namespace Colony.Jobs;

/// <summary>
/// The vocabulary of a host that knows no tensors (the coordinator): every name is accepted and the three sections are
/// kept as written. A resolved file (<see cref="Job.ToYaml"/>) read this way has the hash that it has for those who
/// read all of it.
/// </summary>
public sealed class OpaqueVocabulary : IJobVocabulary
{
    private OpaqueVocabulary()
    {
    }

    /// <summary>The only instance; it holds nothing.</summary>
    public static OpaqueVocabulary Instance { get; } = new();

    /// <inheritdoc/>
    public Type DataOptions => typeof(OpaqueOptions);

    /// <inheritdoc/>
    public IReadOnlyList<string> Models => [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Objectives => [];

    /// <inheritdoc/>
    public bool TryModel(string name, [NotNullWhen(true)] out Type? options)
    {
        options = typeof(OpaqueOptions);
        return true;
    }

    /// <inheritdoc/>
    public bool TryObjective(string name, [NotNullWhen(true)] out Type? options)
    {
        options = typeof(OpaqueOptions);
        return true;
    }
}

/// <summary>Options kept as they were written, unread and unchecked.</summary>
public sealed class OpaqueOptions
{
    internal OpaqueOptions(MappingNode tree) => Tree = tree;

    internal MappingNode Tree { get; }
}
