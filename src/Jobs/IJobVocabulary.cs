using System.Diagnostics.CodeAnalysis;

namespace Colony.Jobs;

/// <summary>
/// What the sections <c>data</c>, <c>model</c> and <c>objective</c> may hold. This room depends on nothing, so the host
/// that knows data sets and models says which option records their sections are bound to.
/// </summary>
/// <remarks>
/// An options type is a record with a parameterless constructor and <c>init</c> properties; a property
/// <c>HiddenSize</c> is the key <c>hidden_size</c>. Its <c>DataAnnotations</c> are enforced; an
/// <c>IValidatableObject</c> is asked after its values are in. A property with <c>IgnoreDataMember</c> is the host's
/// own: no key sets it, and it is neither written nor hashed. One with <c>DataMember(EmitDefaultValue = false)</c> is
/// neither while it has its default: so an option that comes later leaves the hash of the jobs before it alone.
/// One in the <c>Category("same weights")</c> is written but never hashed: machines may differ in it.
/// </remarks>
public interface IJobVocabulary
{
    /// <summary>The options type of the <c>data</c> section.</summary>
    Type DataOptions { get; }

    /// <summary>Every model name, for messages.</summary>
    IReadOnlyList<string> Models { get; }

    /// <summary>Every objective name, for messages.</summary>
    IReadOnlyList<string> Objectives { get; }

    /// <summary>The options type of the model called <paramref name="name"/>; false when there is none.</summary>
    bool TryModel(string name, [NotNullWhen(true)] out Type? options);

    /// <summary>The options type of the objective called <paramref name="name"/>; false when there is none.</summary>
    bool TryObjective(string name, [NotNullWhen(true)] out Type? options);
}
