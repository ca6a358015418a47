using System.Buffers.Binary;
using Colony.Protos.V1;

namespace Colony.Collective;

/// <summary>
/// The collective operations of one member of one generation. All members call the same operations in the same order,
/// one at a time. A failed or cancelled operation breaks the group: the other members are told, and a new generation is
/// needed.
/// </summary>
/// <remarks>
/// | operation  | rounds    | bytes each member sends                |
/// |------------|-----------|----------------------------------------|
/// | all-gather | W - 1     | all members' bytes but the next one's  |
/// | or         | W - 1     | F (W - 1), for F bytes of flags        |
/// | sum        | 2 (W - 1) | 2 N (W - 1) / W, for N bytes of sums   |
/// A group of one does all of them without a network.
/// </remarks>
public sealed class Communicator : IAsyncDisposable
{
    private readonly CommunicatorOptions options;
    private readonly TimeProvider time;
    private readonly RingEnds ends;
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly CancellationTokenSource closed = new();
    private volatile string? broken;
    private volatile Func<WaitObserved?>? waiting;
    private int disposals;

    /// <summary>Joins the group.</summary>
    /// <param name="transport">This member's links; owned and disposed by the communicator.</param>
    /// <param name="rank">This member's place, 0 to size - 1.</param>
    /// <param name="size">Members of the generation.</param>
    /// <param name="generation">The fencing token that every chunk carries.</param>
    /// <param name="options">Limits; the same on every member.</param>
    /// <param name="time">Clock of the wait accounts.</param>
    /// <param name="traffic">Where bytes are counted; null for an account of its own.</param>
    public Communicator(
        ITransport transport,
        int rank,
        int size,
        ulong generation = 0,
        CommunicatorOptions? options = null,
        TimeProvider? time = null,
        CollectiveTraffic? traffic = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, size);
        this.options = options ?? new CommunicatorOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(this.options.ChunkBytes, SegmentCut.Granule, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            this.options.ChunkBytes, CommunicatorOptions.MaxChunkBytes, nameof(options));
        this.time = time ?? TimeProvider.System;
        Traffic = traffic ?? new CollectiveTraffic();
        ends = new RingEnds(
            transport, generation, rank, size, Traffic, observed => WaitObserved?.Invoke(observed),
            (phase, step) => PhaseBegun?.Invoke(phase, step));
    }

    /// <summary>Tells each finished wait for another member; called on the thread that waited, must be quick.</summary>
    public event Action<WaitObserved>? WaitObserved;

    /// <summary>
    /// Tells phase and step when the first chunk of a phase has arrived, before it is used; called on the thread that
    /// received it, which waits meanwhile.
    /// </summary>
    public event Action<Phase, long>? PhaseBegun;

    /// <summary>This member's place in the generation.</summary>
    public int Rank => ends.Rank;

    /// <summary>Members of the generation.</summary>
    public int Size => ends.Size;

    /// <summary>The generation that every chunk carries.</summary>
    public ulong Generation => ends.Generation;

    /// <summary>Bytes that this member sent and received.</summary>
    public CollectiveTraffic Traffic { get; }

    /// <summary>Whom this member waits for just now, and since when; null when it waits for nobody.</summary>
    public WaitObserved? WaitingFor => waiting?.Invoke();

    /// <summary>Brings every member's bytes to every member, in member order.</summary>
    /// <param name="step">The step.</param>
    /// <param name="mine">This member's bytes.</param>
    /// <param name="all">Room for all members' bytes; must not overlap <paramref name="mine"/>.</param>
    /// <param name="sizesByMember">Bytes of each member; the same list everywhere.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    /// <exception cref="ArgumentException">The sizes do not fit the memories.</exception>
    /// <exception cref="CollectiveException">A member was lost or misbehaved.</exception>
    public Task AllGatherAsync(
        long step,
        ReadOnlyMemory<byte> mine,
        Memory<byte> all,
        IReadOnlyList<long> sizesByMember,
        CancellationToken cancellationToken = default)
    {
        CheckSizes(mine, all, sizesByMember);
        var segments = new List<IntegerRun>[Size];
        var start = 0;
        for (var member = 0; member < Size; member++)
        {
            var part = all.Slice(start, (int)sizesByMember[member]);
            segments[member] = Chunks(part);
            start += part.Length;
            if (member == Rank)
            {
                mine.CopyTo(part);
            }
        }

        var stages = Stages(RingSchedule.AllGather(Rank, Size, first: Rank), Phase.Gather, adds: false);
        return PassAsync(step, segments, stages, cancellationToken);
    }

    /// <summary>Tells every member how many bytes each has.</summary>
    public async Task<IReadOnlyList<long>> ExchangeSizesAsync(
        long step, long mine, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(mine);
        var bytes = new byte[Size * sizeof(long)];
        var own = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(own, mine);
        await AllGatherAsync(step, own, bytes, Enumerable.Repeat<long>(sizeof(long), Size).ToArray(), cancellationToken)
            .ConfigureAwait(false);
        var sizes = new long[Size];
        for (var member = 0; member < Size; member++)
        {
            sizes[member] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(member * sizeof(long)));
        }

        return sizes;
    }

    /// <summary>All-gather for members that do not know each other's sizes: sizes first, then bytes.</summary>
    /// <exception cref="CollectiveException">A member announced a negative size, or all together more than
    /// <see cref="CommunicatorOptions.MaxGatheredBytes"/>; every member fails alike.</exception>
    public async Task<GatheredBytes> AllGatherAsync(
        long step, ReadOnlyMemory<byte> mine, CancellationToken cancellationToken = default)
    {
        var sizes = await ExchangeSizesAsync(step, mine.Length, cancellationToken).ConfigureAwait(false);
        long total = 0;
        for (var member = 0; member < Size; member++)
        {
            if (sizes[member] < 0 || sizes[member] > options.MaxGatheredBytes - total)
            {
                throw new CollectiveException(
                    CollectiveFailure.Protocol,
                    Phase.Gather,
                    step,
                    member,
                    $"announced {sizes[member]} bytes, {options.MaxGatheredBytes - total} are left of the limit");
            }

            total += sizes[member];
        }

        var gathered = new GatheredBytes(sizes);
        try
        {
            await AllGatherAsync(step, mine, gathered.All, sizes, cancellationToken).ConfigureAwait(false);
            return gathered;
        }
        catch
        {
            gathered.Dispose();
            throw;
        }
    }

    /// <summary>Replaces the flags by the OR of all members' flags; meant for kilobytes.</summary>
    /// <param name="step">The step.</param>
    /// <param name="flags">As many bytes on every member.</param>
    /// <param name="cancellationToken">Ends the wait at once.</param>
    public async Task OrAsync(long step, Memory<byte> flags, CancellationToken cancellationToken = default)
    {
        if (Size == 1)
        {
            return;
        }

        // Everyone's flags travel once around; OR is done at the end because what is passed on must not change.
        var all = new UnmanagedBuffer(checked(flags.Length * Size));
        using var owner = (IDisposable)all;
        var segments = new List<IntegerRun>[Size];
        for (var member = 0; member < Size; member++)
        {
            segments[member] = Chunks(all.Memory.Slice(member * flags.Length, flags.Length));
        }

        flags.CopyTo(all.Memory[(Rank * flags.Length)..]);
        var stages = Stages(RingSchedule.AllGather(Rank, Size, first: Rank), Phase.Flags, adds: false);
        await PassAsync(step, segments, stages, cancellationToken).ConfigureAwait(false);
        for (var member = 0; member < Size; member++)
        {
            IntegerKernels.Or(flags.Span, all.Memory.Span.Slice(member * flags.Length, flags.Length));
        }
    }

    /// <summary>Replaces the integers by their sums over all members: ring reduce-scatter, then ring
    /// all-gather.</summary>
    /// <param name="step">The step.</param>
    /// <param name="runs">Memory of integers; lengths and widths as on every other member. Sums wrap around.</param>
    /// <param name="cancellationToken">Ends the wait at once; the sums are then undefined.</param>
    public Task SumAsync(long step, IReadOnlyList<IntegerRun> runs, CancellationToken cancellationToken = default) =>
        SumAsync(step, runs, Phase.ReduceScatter, Phase.AllGather, cancellationToken);

    /// <summary>A sum whose two halves go by other names than the gradients'.</summary>
    internal Task SumAsync(
        long step,
        IReadOnlyList<IntegerRun> runs,
        Phase scatter,
        Phase gather,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runs);
        foreach (var run in runs)
        {
            if (run.Memory.Length % run.ElementBytes != 0)
            {
                throw new ArgumentException(
                    $"A run of {run.ElementBytes}-byte integers has {run.Memory.Length} bytes.", nameof(runs));
            }
        }

        var segments = SegmentCut.Cut(runs, Size, options.ChunkBytes);
        var owned = RingSchedule.ReducedSegment(Rank, Size);
        RingStage[] stages =
        [
            .. Stages(RingSchedule.ReduceScatter(Rank, Size), scatter, adds: true),
            .. Stages(RingSchedule.AllGather(Rank, Size, owned), gather, adds: false),
        ];
        return PassAsync(step, segments, stages, cancellationToken);
    }

    /// <summary>Ends a running operation at once with <see cref="CollectiveException"/>, then closes the
    /// links.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Increment(ref disposals) > 1)
        {
            return;
        }

        await closed.CancelAsync().ConfigureAwait(false);
        await turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        await ends.Transport.DisposeAsync().ConfigureAwait(false);
        closed.Dispose();
        turn.Dispose();
    }

    private static RingStage[] Stages(RingRound[] rounds, Phase phase, bool adds) =>
        Array.ConvertAll(rounds, round => new RingStage(round, phase, adds));

    private List<IntegerRun> Chunks(Memory<byte> memory)
    {
        var pieces = new List<IntegerRun>();
        for (var start = 0; start < memory.Length; start += options.ChunkBytes)
        {
            var length = Math.Min(options.ChunkBytes, memory.Length - start);
            pieces.Add(new IntegerRun(memory.Slice(start, length), sizeof(byte)));
        }

        return pieces;
    }

    private void CheckSizes(ReadOnlyMemory<byte> mine, Memory<byte> all, IReadOnlyList<long> sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        if (sizes.Count != Size || sizes[Rank] != mine.Length)
        {
            throw new ArgumentException(
                $"{sizes.Count} sizes for {Size} members; member {Rank} has {mine.Length} bytes.", nameof(sizes));
        }

        long total = 0;
        foreach (var size in sizes)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(sizes));
            total = checked(total + size);
        }

        if (total != all.Length)
        {
            throw new ArgumentException($"All have {total} bytes, there is room for {all.Length}.", nameof(all));
        }
    }

    private async Task PassAsync(
        long step, IReadOnlyList<IntegerRun>[] segments, RingStage[] stages, CancellationToken cancellationToken)
    {
        var phase = stages.Length == 0 ? Phase.Unspecified : stages[0].Phase;
        if (Volatile.Read(ref disposals) > 0 || broken is not null)
        {
            throw new CollectiveException(
                CollectiveFailure.Closed, phase, step, -1, broken ?? "the communicator was closed");
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (stages.Length == 0)
        {
            return;
        }

        if (!await turn.WaitAsync(0, CancellationToken.None).ConfigureAwait(false))
        {
            throw new InvalidOperationException("A collective operation is running; they go one at a time.");
        }

        try
        {
            await BothLanesAsync(step, segments, stages, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            broken = $"broken by an earlier failure ({exception.Message})";
            ends.Transport.Abort($"member {Rank} broke off: {exception.Message}");
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new CollectiveException(
                    CollectiveFailure.Closed, phase, step, -1, "the communicator was closed", exception);
            }

            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Runs both lanes; the first failure stops the other, so that none outlives the operation.</summary>
    private async Task BothLanesAsync(
        long step, IReadOnlyList<IntegerRun>[] segments, RingStage[] stages, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closed.Token);
        using var pass = new RingPass(ends, step, segments, stages);
        using var sendMeter = new WaitMeter(time, options.WaitLimit, sending: true, stop.Token);
        using var receiveMeter = new WaitMeter(time, options.WaitLimit, sending: false, stop.Token);
        waiting = () => receiveMeter.Current;
        var lanes = new[] { pass.ReceiveAsync(receiveMeter), pass.SendAsync(sendMeter) };
        try
        {
            var first = await Task.WhenAny(lanes).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            await Task.WhenAll(lanes).ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(lanes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        finally
        {
            waiting = null;
        }
    }
}
