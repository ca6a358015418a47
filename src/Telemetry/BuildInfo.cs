using System.Diagnostics.Metrics;
using System.Reflection;

namespace Colony.Telemetry;

/// <summary>Which build this is, and <c>colony_build_info{version,commit} 1</c> to join other series with.</summary>
public sealed class BuildInfo : IDisposable
{
    private const string Unknown = "unknown";
    private static readonly string[] Informational =
        (typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? Unknown).Split('+', 2);

    private readonly Meter _meter = new(Meters.Prefix + "Build");

    /// <summary>Publishes the metric until disposed.</summary>
    public BuildInfo() => _meter.CreateObservableGauge(
        "colony_build_info",
        () => new Measurement<int>(1, new("version", Version), new("commit", Commit)),
        description: "Always 1; which build this is, in its labels.");

    /// <summary>The version: <c>1.2.0</c>.</summary>
    public static string Version => Informational[0];

    /// <summary>The commit that the build was made from, or "unknown".</summary>
    public static string Commit => Informational.Length > 1 ? Informational[1] : Unknown;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
