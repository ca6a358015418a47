namespace Colony.Jobs;

/// <summary>
/// A job that cannot be used, in sentences for its author: one line an error, each with its place and cure.
/// </summary>
public sealed class JobException(string message) : Exception(message);
