using Colony.Coordinator;

namespace Colony.Cli.Running;

/// <summary>Writes a configuration with which a Prometheus on this machine scrapes the run.</summary>
internal static class Prometheus
{
    public static Task WriteAsync(RunFolder folder, CoordinatorHost host)
    {
        var text = new System.Text.StringBuilder();
        text.AppendLine("# prometheus --config.file=prometheus.yml");
        text.AppendLine("global: {scrape_interval: 1s}");
        text.AppendLine("scrape_configs:");
        text.AppendLine("  - job_name: colony");
        text.AppendLine("    static_configs:");
        foreach ((string role, string address) in host.WorkerTargets
            .Append(new KeyValuePair<string, string>("coordinator", host.MetricsAddress.Authority))
            .OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            text.AppendLine($"      - targets: ['{address}']");
            text.AppendLine($"        labels: {{role: '{role}'}}");
        }

        return File.WriteAllTextAsync(folder.Prometheus, text.ToString());
    }
}
