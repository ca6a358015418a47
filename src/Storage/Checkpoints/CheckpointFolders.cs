namespace Colony.Storage;

/// <summary>What lies in the folder of one step: names and sizes.</summary>
internal sealed record CheckpointFolder(long Step, IReadOnlyDictionary<string, long> Files)
{
    /// <summary>Whether there is a manifest, whole or not.</summary>
    public bool HasManifest => Files.ContainsKey("manifest.json");

    /// <summary>Lists the folders of all steps, oldest first.</summary>
    public static async Task<IReadOnlyList<CheckpointFolder>> ListAsync(IObjectStore store, CancellationToken ct)
    {
        var steps = new SortedDictionary<long, Dictionary<string, long>>();
        await foreach (var found in store.ListAsync(CheckpointNames.Root, ct).ConfigureAwait(false))
        {
            if (CheckpointNames.TryStep(found.Key, out var step, out var file))
            {
                if (!steps.TryGetValue(step, out var files))
                {
                    steps.Add(step, files = new Dictionary<string, long>(StringComparer.Ordinal));
                }

                files[file] = found.Bytes;
            }
        }

        return [.. steps.Select(pair => new CheckpointFolder(pair.Key, pair.Value))];
    }
}
