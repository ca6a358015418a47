using Colony.Protos.V1;

namespace Colony.Collective;

/// <summary>One round of a ring operation: what moves, under which name, and whether it is added or copied.</summary>
internal readonly record struct RingStage(RingRound Round, Phase Phase, bool Adds);

/// <summary>
/// Runs the rounds of one ring operation: one lane sends to the next member, one receives from the previous. A chunk is
/// passed on as soon as it has arrived, so the rounds overlap; how far a sender runs ahead is bounded by its receiver's
/// inbox. Used once.
/// </summary>
internal sealed class RingPass(
    RingEnds ends, long step, IReadOnlyList<IntegerRun>[] segments, RingStage[] stages) : IDisposable
{
    // One permit for each received chunk: from the second round on, the sender passes on what has arrived.
    private readonly SemaphoreSlim arrived = new(0);

    public async Task SendAsync(WaitMeter meter)
    {
        for (var round = 0; round < stages.Length; round++)
        {
            var stage = stages[round];
            var pieces = segments[stage.Round.Send];
            var header = Header(stage, stage.Round.Send, pieces) with { Sender = (uint)ends.Rank };
            foreach (var piece in pieces)
            {
                if (round > 0)
                {
                    await arrived.WaitAsync(meter.Token).ConfigureAwait(false);
                }

                await meter.AwaitAsync(
                    SendOneAsync(header, piece.Memory, meter.Token), ends.Next, header, ends.Report)
                    .ConfigureAwait(false);
                ends.Traffic.AddSent(stage.Phase, piece.Memory.Length);
                header = header with { Offset = header.Offset + (ulong)piece.Memory.Length };
            }
        }
    }

    public async Task ReceiveAsync(WaitMeter meter)
    {
        Phase? seen = null;
        foreach (var stage in stages)
        {
            var pieces = segments[stage.Round.Receive];
            var header = Header(stage, stage.Round.Receive, pieces) with { Sender = (uint)ends.Previous };
            foreach (var piece in pieces)
            {
                using var chunk = await meter.AwaitAsync(
                    ends.Transport.ReceiveAsync(ends.Previous, header, meter.Token), ends.Previous, header, ends.Report)
                    .ConfigureAwait(false);
                Check(chunk, header, piece.Memory.Length, ends.Previous);
                if (seen != stage.Phase)
                {
                    seen = stage.Phase;
                    ends.Begun(stage.Phase, step);
                }

                ends.Traffic.AddReceived(stage.Phase, chunk.Length);
                Take(piece, chunk.Payload, stage.Adds);
                arrived.Release();
                header = header with { Offset = header.Offset + (ulong)piece.Memory.Length };
            }
        }
    }

    public void Dispose() => arrived.Dispose();

    private static void Take(IntegerRun piece, ReadOnlySpan<byte> payload, bool adds)
    {
        if (adds)
        {
            IntegerKernels.Add(piece, payload);
        }
        else
        {
            payload.CopyTo(piece.Memory.Span);
        }
    }

    /// <summary>Chunks of one sender come in one order only, so anything else is a fault of the peer or the
    /// link.</summary>
    private static void Check(ReceivedChunk chunk, ChunkHeader expected, int length, int peer)
    {
        if (chunk.Header == expected && chunk.Length == length)
        {
            return;
        }

        var (kind, what) = chunk.Header switch
        {
            var header when header.Generation != expected.Generation =>
                (CollectiveFailure.WrongGeneration, "a chunk of another generation"),
            var header when header.Step != expected.Step => (CollectiveFailure.Protocol, "a chunk of another step"),
            var header when header with { Offset = expected.Offset } == expected =>
                (CollectiveFailure.Protocol, "a chunk out of order or twice"),
            var header when header == expected => (CollectiveFailure.Protocol, "a chunk of the wrong length"),
            _ => (CollectiveFailure.Protocol, "an unexpected chunk"),
        };
        throw new CollectiveException(
            kind,
            expected.Phase,
            expected.Step,
            peer,
            $"sent {what}: {chunk.Header} with {chunk.Length} bytes instead of {expected} with {length}");
    }

    private async ValueTask<bool> SendOneAsync(
        ChunkHeader header, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        await ends.Transport.SendAsync(ends.Next, header, payload, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private ChunkHeader Header(RingStage stage, int segment, IReadOnlyList<IntegerRun> pieces)
    {
        ulong total = 0;
        foreach (var piece in pieces)
        {
            total += (ulong)piece.Memory.Length;
        }

        return new ChunkHeader(ends.Generation, step, stage.Phase, (uint)segment, 0, total, 0);
    }
}

/// <summary>A member's place on the ring and what its passes share.</summary>
internal sealed record RingEnds(
    ITransport Transport,
    ulong Generation,
    int Rank,
    int Size,
    CollectiveTraffic Traffic,
    Action<WaitObserved> Report,
    Action<Phase, long> Begun)
{
    public int Next => RingSchedule.Next(Rank, Size);

    public int Previous => RingSchedule.Previous(Rank, Size);
}
