using Colony.Storage;

namespace Colony.Cli.Running;

/// <summary>Where everything of a run lies.</summary>
internal sealed record RunFolder(string Path)
{
    public string Job => At(JobSource.ResolvedName);

    public string Events => At("events.jsonl");

    public string Report => At("report.json");

    public string Logs => At("logs");

    /// <summary>What a coordinator that was killed goes on from.</summary>
    public string Journal => At("journal");

    /// <summary>A Prometheus configuration that scrapes this run's processes.</summary>
    public string Prometheus => At("prometheus.yml");

    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes the folder, or says why it cannot be written.</summary>
    /// <exception cref="UsageException">The folder cannot be written.</exception>
    public static RunFolder Open(string path)
    {
        var folder = new RunFolder(System.IO.Path.GetFullPath(path));
        try
        {
            Directory.CreateDirectory(folder.Logs);
            string probe = folder.At(".writable");
            File.WriteAllText(probe, string.Empty);
            File.Delete(probe);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{folder.Path}: cannot be written ({failure.Message}); choose another --out");
        }

        return folder;
    }

    /// <summary>The run's object store: the one given, or a directory in the folder.</summary>
    public string StoreAddress(string? given) => given ?? new Uri(Path + "/").AbsoluteUri;

    public static IObjectStore OpenStore(string address) =>
        ObjectStores.Open(address, ObjectStoreOptions.FromEnvironment(Environment.GetEnvironmentVariable));
}
