using System.Text.Json;

namespace Colony.Jobs;

/// <summary>
/// How names of properties and enum values are spelled in a job file: <c>LearningRate</c> is <c>learning_rate</c>.
/// </summary>
internal static class SnakeCase
{
    public static string Of(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
