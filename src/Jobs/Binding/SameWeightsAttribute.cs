namespace Colony.Jobs;

/// <summary>Marks a key of <c>train</c> whose every value gives the same weights: it is not part of the job's
/// hash.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SameWeightsAttribute : Attribute;
