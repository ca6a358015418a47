using Colony.Protos.V1;

namespace Colony.Rpc.Tests;

/// <summary>Counts what the whole process allocates, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int ChunkBytes = 1 << 20;
    private const int Chunks = 64;

    /// <summary>A tenth of the payload: one managed copy of each chunk would be ten times that.</summary>
    private const long Allowed = (long)ChunkBytes * Chunks / 10;

    [Fact]
    public async Task Payloads_make_no_managed_arrays_on_their_way()
    {
        using var source = new NativeBlock(ChunkBytes);
        using var target = new NativeBlock(ChunkBytes);
        await using var pair = await Pair.StartAsync(server => server.AddDuplex(
            Echo.Exchange, async (requests, responses, _, cancellationToken) =>
            {
                while (await requests.MoveNextAsync(cancellationToken))
                {
                    Copy(requests.Current, target);
                    await responses.WriteAsync(new ChunkAck { Chunks = 1 }, cancellationToken);
                }
            }));

        await SendAsync(pair, source);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await SendAsync(pair, source);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.True(allocated < Allowed, $"{allocated} bytes were allocated for {Chunks} chunks of {ChunkBytes}.");
    }

    private static void Copy(PayloadMessage<Chunk> chunk, NativeBlock target)
    {
        var at = 0;
        foreach (var segment in chunk.Payload)
        {
            segment.Span.CopyTo(target.Memory.Span[at..]);
            at += segment.Length;
        }
    }

    private static async Task SendAsync(Pair pair, NativeBlock source)
    {
        await using var call = pair.Channel.Duplex(Echo.Exchange, CallOptions.Default, Echo.Token);
        var header = new Chunk { Generation = 1, Total = ChunkBytes };
        for (var i = 0; i < Chunks; i++)
        {
            await call.WriteAsync(new PayloadMessage<Chunk>(header, source.Memory), Echo.Token).AsTask().InTime();
            Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
        }

        await call.CompleteAsync(Echo.Token);
        Assert.False(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
    }
}
