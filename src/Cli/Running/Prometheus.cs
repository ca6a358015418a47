using Colony.Coordinator;

namespace Colony.Cli.Running;

/// <summary>Writes a configuration with which a Prometheus on this machine scrapes the run.</summary>
internal static class Prometheus
{
    /// <summary>Writes the configuration now and whenever a process joins, so that a live run can be scraped.</summary>
    public static void Follow(RunFolder folder, CoordinatorHost host)
    {
        Write(folder, host);
        host.TargetsChanged += () => Write(folder, host);
    }

    private static void Write(RunFolder folder, CoordinatorHost host)
    {
        var text = new System.Text.StringBuilder();
        text.AppendLine("# prometheus --config.file=prometheus.yml");
        text.AppendLine("global: {scrape_interval: 1s}");
        text.AppendLine("scrape_configs:");
        text.AppendLine("  - job_name: colony");
        text.AppendLine("    static_configs:");
        foreach ((string role, string address) in host.Targets
            .Append(new KeyValuePair<string, string>("coordinator", host.MetricsAddress.Authority))
            .OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            text.AppendLine($"      - targets: ['{address}']");
            text.AppendLine($"        labels: {{role: '{role}'}}");
        }

        // Whoever watches the file sees a whole one.
        string whole = folder.Prometheus + ".new";
        File.WriteAllText(whole, text.ToString());
        File.Move(whole, folder.Prometheus, overwrite: true);
    }
}
