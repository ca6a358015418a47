using System.Collections.Concurrent;
using Colony.Storage;

namespace Colony.Worker;

/// <summary>Object stores by address, opened once. Thread-safe.</summary>
internal sealed class OpenStores : IDisposable
{
    private readonly ConcurrentDictionary<string, IObjectStore> _stores = new(StringComparer.Ordinal);

    public IObjectStore Open(string address) => _stores.GetOrAdd(
        address, a => ObjectStores.Open(a, ObjectStoreOptions.FromEnvironment(Environment.GetEnvironmentVariable)));

    public void Dispose()
    {
        foreach (IObjectStore store in _stores.Values)
        {
            store.Dispose();
        }
    }
}
