using Colony.Jobs;
using Colony.Model;

namespace Colony.Cli.Weights;

/// <summary>Model and objective of a job, for what their published states hold.</summary>
internal static class PublishedModel
{
    /// <summary>The job's model.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public static ModelEntry Entry(Job job) => ModelRegistry.TryGet(job.Model.Name, out ModelEntry? model)
        ? model
        : throw new UsageException($"no model is called '{job.Model.Name}'");

    /// <summary>The job's objective, with initial values; whoever asked disposes its module.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public static IObjective Objective(Job job) =>
        ObjectiveRegistry.TryGet(job.Objective.Name, out ObjectiveEntry? objective)
            ? objective.Create(job.Objective.Options)
            : throw new UsageException($"no objective is called '{job.Objective.Name}'");
}
