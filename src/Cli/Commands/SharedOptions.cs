using System.CommandLine;

namespace Colony.Cli.Commands;

/// <summary>Options that several verbs have, with one wording.</summary>
internal static class SharedOptions
{
    public static Argument<string> Job() => new("job") { Description = "The job file (YAML)." };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "Overrides a key of the job: path.to.key=value. May be repeated.",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    public static Option<string?> Base() => new("--base")
    {
        Description = "Folder that relative paths of the job start from; the job file's own unless given.",
    };

    public static Option<string> Coordinator() => new("--coordinator")
    {
        Description = "host:port of the coordinator.",
        Required = true,
    };

    public static Option<string> Host() => new("--host")
    {
        Description = "Address to listen on.",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    public static Option<string?> Advertise() => new("--advertise")
    {
        Description = "Host that others reach this process by; the one it listens on unless given.",
    };

    public static Option<int> Port() => new("--port") { Description = "gRPC port; 0 takes a free one." };

    public static Option<int> MetricsPort() => new("--metrics-port")
    {
        Description = "Port of /metrics and /healthz; 0 takes a free one.",
    };

    public static Option<bool> AllowInsecure() => new("--allow-insecure")
    {
        Description = "Permits addresses beyond this machine without TLS: for networks that are closed by other means.",
    };

    public static Option<bool> Supervised() => new("--supervised")
    {
        Description = "Ctrl-C is left to the process that started this one.",
        Hidden = true,
    };
}
