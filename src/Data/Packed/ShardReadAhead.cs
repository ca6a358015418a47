namespace Colony.Data;

/// <summary>
/// Brings whole shards that lie on this machine from the disk into memory: one after another, each from front to back,
/// in the order in which they are told of. The plan by shards takes samples from few shards at a time, in an order that
/// the disk would find random. Has no influence on any bit. Safe for use by several threads.
/// </summary>
/// <param name="fetch">Brings one shard into memory and waits for it; the token ends it early.</param>
/// <param name="rows">Which images are in which shard.</param>
/// <param name="sizes">Images of each shard.</param>
/// <param name="captionsPerImage">How often each image is told of in an epoch.</param>
internal sealed class ShardReadAhead(
    Action<int, CancellationToken> fetch, PackedRows rows, IReadOnlyList<int> sizes, int captionsPerImage)
    : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly int[] _told = new int[sizes.Sum()];
    private readonly Task?[] _arrivals = new Task?[sizes.Count];
    private Task _last = Task.CompletedTask;

    /// <summary>Says that a sample of an image will be wanted. Its shard is fetched at the first image, and again when
    /// one is told of more often than it has captions: that is another epoch, and the shard may have left
    /// memory.</summary>
    public void Expect(int image)
    {
        var shard = rows.ShardOf(image);
        lock (_gate)
        {
            if (_end.IsCancellationRequested)
            {
                return;
            }

            if (_arrivals[shard] is null || _told[image] == captionsPerImage)
            {
                Array.Clear(_told, rows.FirstOf(shard), sizes[shard]);
                _arrivals[shard] = _last = FetchAsync(_last, shard);
            }

            _told[image]++;
        }
    }

    /// <summary>Waits for a shard that is on its way: reading it page by page meanwhile would slow both.</summary>
    public void Await(int shard, CancellationToken cancellationToken)
    {
        Task? arrival;
        lock (_gate)
        {
            arrival = _arrivals[shard];
        }

        if (arrival is { IsCompleted: false })
        {
            Awaited.End(arrival.WaitAsync(cancellationToken));
        }
    }

    public void Dispose()
    {
        Task last;
        lock (_gate)
        {
            if (_end.IsCancellationRequested)
            {
                return;
            }

            _end.Cancel();
            last = _last;
        }

        Awaited.End(last);
        _end.Dispose();
    }

    private async Task FetchAsync(Task before, int shard)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (_end.IsCancellationRequested)
        {
            return;
        }

        try
        {
            fetch(shard, _end.Token);
        }
        catch (DataException)
        {
            // Whoever reads the shard is told of it by name.
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // Disposing waits for the fetch that ends here.
        }
    }
}
