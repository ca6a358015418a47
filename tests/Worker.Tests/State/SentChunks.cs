using Colony.Protos.V1;
using Colony.Rpc;

namespace Colony.Worker.Tests;

/// <summary>Takes what a donor sends, in the donor's time: something can happen after each chunk.</summary>
internal sealed class SentChunks : IRpcWriter<PayloadMessage<TensorChunk>>
{
    private int _count;

    /// <summary>The parts that came, each once.</summary>
    public List<(StateKind Kind, long Step, ulong Digest)> Parts { get; } = [];

    /// <summary>Called with the number of chunks so far.</summary>
    public Func<int, Task> Wrote { get; init; } = _ => Task.CompletedTask;

    public async ValueTask WriteAsync(PayloadMessage<TensorChunk> message, CancellationToken cancellationToken)
    {
        (StateKind, long, ulong) part = (message.Header.Kind, message.Header.Step, message.Header.Digest);
        if (Parts.Count == 0 || Parts[^1] != part)
        {
            Parts.Add(part);
        }

        await Wrote(++_count);
    }
}
