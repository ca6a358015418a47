namespace Colony.Jobs;

/// <summary>The outcome of reading a job file: a job, or everything that is wrong with it.</summary>
/// <param name="Job">The job; null exactly when there are errors.</param>
/// <param name="Errors">All errors in the order of their places; empty when the job is good.</param>
public sealed record JobParse(Job? Job, IReadOnlyList<JobError> Errors)
{
    /// <summary>The job.</summary>
    /// <exception cref="JobException">There are errors; the message holds them all, one a line.</exception>
    public Job OrThrow() => Job ?? throw new JobException(string.Join('\n', Errors));
}
