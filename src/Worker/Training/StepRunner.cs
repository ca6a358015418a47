using Colony.Collective;
using Colony.Data;
using Colony.Faults;
using Colony.Jobs;
using Colony.Model;
using Colony.Orchestration;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>
/// One step of training: load and encode the hosted slices, gather, objective, backward, reduce as integers, update.
/// Everything that decides bits depends on (seed, step, logical rank) and the slice alone (design section 2).
/// Runs on the compute thread. At every await the replica is whole: it holds the step before.
/// </summary>
internal sealed class StepRunner(
    Job job,
    IDataset dataset,
    Replica replica,
    UpdateShelf updates,
    TimeProvider time,
    Action<string> entered,
    FaultPoints? faults = null) : IDisposable
{
    /// <summary>Slices that stand for a whole batch in a rehearsal: with two of them, samples differ.</summary>
    private const int RehearsedSlices = 2;

    private readonly EpochPlan _plan = new(
        new PlanGeometry(job.Seed, dataset.Samples, job.Batch.Size, job.Batch.LogicalRanks)
        {
            Shards = dataset.Shards,
        });

    private readonly RunGeometry _run = new(
        dataset.Samples, job.Batch.Size, job.Batch.LogicalRanks, job.Train.Epochs, job.Train.MaxSteps);

    private readonly IGradientSum _reducer = job.Collective.Sum == GradientSum.Float32
        ? new FloatGradientSum(replica.Layout)
        : new GradientReducer(replica.Layout, job.Batch.LogicalRanks, job.Collective.Width, job.Seed);

    private readonly LookAhead _ahead = new(
        new PlanGeometry(job.Seed, dataset.Samples, job.Batch.Size, job.Batch.LogicalRanks) { Shards = dataset.Shards },
        dataset);

    private readonly SliceEncoder _encoder = new(job, dataset, replica);
    private readonly ObjectiveStep _objective = new(job, replica);
    private DueDigest _newestDue = DueDigest.None;

    /// <summary>The most graphs of slices that were alive at a time.</summary>
    public int PeakGraphs => _encoder.PeakGraphs;

    /// <summary>Runs and applies a step. Cancelled before the update it leaves the replica as it was.</summary>
    /// <param name="step">The step, from 1; the replica must hold the one before.</param>
    /// <param name="ranks">The hosted logical ranks; none for a member that only listens.</param>
    /// <param name="communicator">The generation's group.</param>
    /// <param name="cancellationToken">Lets the step go.</param>
    /// <exception cref="CollectiveException">A peer was lost.</exception>
    /// <exception cref="DigestsDifferException">The members' states differ; no one applies the step.</exception>
    public async Task<StepReport> RunAsync(
        long step, IReadOnlyList<int> ranks, Communicator communicator, CancellationToken cancellationToken)
    {
        if (replica.Step != step - 1)
        {
            throw new InvalidOperationException($"step {step} cannot follow step {replica.Step}");
        }

        var clock = new PhaseClock(time, phase =>
        {
            entered(phase);
            faults?.Reach(phase, step);
        });
        replica.Prepare(step);
        _ahead.Began(step, ranks, _run.FinalStep);
        var slices = new List<Slice>();
        try
        {
            byte[] mine = Encode(step, ranks, slices, clock, cancellationToken);
            clock.Enter(PhaseClock.Gather);
            List<GatheredSlice> gathered = await GatherAsync(step, mine, communicator, cancellationToken)
                .ConfigureAwait(true);
            clock.Enter(PhaseClock.Objective);
            double loss = _objective.Differentiate(step, slices, gathered, _run.StepsPerEpoch);
            _reducer.Begin(replica.Grid, step, step == 1);
            foreach (Slice slice in slices)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Accumulate(step, slice, clock, cancellationToken);
            }

            clock.Enter(PhaseClock.Reduce);
            ReduceOutcome outcome = await _reducer.ReduceAsync(communicator, cancellationToken)
                .ConfigureAwait(true);
            clock.Enter(PhaseClock.Optimizer);
            double rate = replica.RateOf(step);
            (double norm, ulong? digest) = Update(step, outcome, gathered, loss);
            clock.Close();
            return new StepReport(
                step, [.. gathered.SelectMany(g => g.Samples).Select(s => checked((uint)s))], loss, norm,
                rate, digest, outcome.WideBlocks, outcome.NonFinite || !_objective.Finite,
                clock.Seconds);
        }
        finally
        {
            slices.ForEach(s => s.Dispose());
        }
    }

    /// <summary>
    /// Goes through the step that follows as a group of one, up to its update, so that the first real one finds its
    /// code compiled and its memory at hand: everyone waits for the first step of a joiner. Two slices are computed
    /// and, repeated, stand for the others. Leaves the replica as it was.
    /// </summary>
    public async Task RehearseAsync(CancellationToken cancellationToken)
    {
        long step = replica.Step + 1;
        if (step > _run.FinalStep)
        {
            return;
        }

        var clock = new PhaseClock(time, _ => { });
        replica.Prepare(step);
        int[] ranks = [.. Enumerable.Range(0, job.Batch.LogicalRanks)
            .Where(rank => _plan.Slice(step - 1, rank).Length > 0).Take(RehearsedSlices)];
        var slices = new List<Slice>();
        await using var alone = new Communicator(new InProcessNetwork(1).Connect(0), 0, 1);
        try
        {
            var computed = new List<GatheredSlice>();
            GatheredRows.Unpack(
                Encode(step, ranks, slices, clock, cancellationToken), replica.Objective.Inputs.Count,
                replica.Buffers.Bytes, computed);
            GatheredSlice[] batch = [.. Enumerable.Range(0, job.Batch.LogicalRanks).Select(rank =>
                computed.Find(own => own.Rank == rank) ?? computed[rank % computed.Count] with { Rank = rank })];

            _objective.Differentiate(step, slices, batch, _run.StepsPerEpoch);
            _reducer.Begin(replica.Grid, step, step == 1);
            foreach (Slice slice in slices)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Accumulate(step, slice, clock, cancellationToken);
            }

            ReduceOutcome outcome = await _reducer.ReduceAsync(alone, cancellationToken).ConfigureAwait(true);

            // A batch that repeats itself may give infinities where no real one does.
            if (!outcome.NonFinite && _objective.Finite)
            {
                using var update = new StepUpdate(replica);
                Fill(update, batch);
            }

            RehearseOptimizer(step);
        }
        finally
        {
            slices.ForEach(s => s.Dispose());
        }
    }

    /// <summary>Whether members compare the digests of a step.</summary>
    public bool IsDigestDue(long step) => step % job.Train.DigestEvery == 0 || step == _run.FinalStep
        || (job.Checkpoint.EverySteps > 0 && step % job.Checkpoint.EverySteps == 0);

    /// <summary>The replica has come to a step by another way than this.</summary>
    public void Arrived(long step, ulong digest) =>
        _newestDue = IsDigestDue(step) ? new DueDigest(step, digest) : DueDigest.None;

    public void Dispose()
    {
        _reducer.Dispose();
        _objective.Dispose();
    }

    // What is to be gathered is copied out slice by slice, so that with recomputation no two graphs are alive together.
    private byte[] Encode(
        long step, IReadOnlyList<int> ranks, List<Slice> slices, PhaseClock clock, CancellationToken cancellationToken)
    {
        var rows = new List<SliceRows>();
        try
        {
            foreach (int rank in ranks)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Slice slice = Encoded(step, rank, clock, cancellationToken);
                slices.Add(slice);
                rows.Add(new SliceRows(
                    rank, slice.Samples, [.. slice.Outputs.Select(SliceEncoder.RowsOf)], slice.Buffers,
                    slice.Extra?.ToDouble() ?? 0));
                if (job.Train.Recompute)
                {
                    slice.DropGraph();
                }
            }

            return GatheredRows.Pack(_newestDue, rows);
        }
        finally
        {
            rows.ForEach(r => r.Dispose());
        }
    }

    private async Task<List<GatheredSlice>> GatherAsync(
        long step, byte[] mine, Communicator communicator, CancellationToken cancellationToken)
    {
        using GatheredBytes all = await communicator.AllGatherAsync(step, mine, cancellationToken).ConfigureAwait(true);
        var gathered = new List<GatheredSlice>();
        var newest = new DueDigest[all.Members];
        for (int member = 0; member < all.Members; member++)
        {
            newest[member] = GatheredRows.Unpack(
                all.Of(member).Span, replica.Objective.Inputs.Count, replica.Buffers.Bytes, gathered);
        }

        DigestsDifferException.ThrowIfAny(newest);
        gathered.Sort((a, b) => a.Rank.CompareTo(b.Rank));
        for (int rank = 0; rank < job.Batch.LogicalRanks; rank++)
        {
            if (gathered.Count <= rank || gathered[rank].Rank != rank)
            {
                throw new InvalidOperationException($"logical rank {rank} is missing from the gather of step {step}");
            }
        }

        return gathered;
    }

    private Slice Encoded(long step, int rank, PhaseClock clock, CancellationToken cancellationToken) =>
        _encoder.Encode(
            step, rank, _plan.Slice(step - 1, rank), _plan.GlobalBatch(step - 1).Length, clock, cancellationToken);

    private void Accumulate(long step, Slice slice, PhaseClock clock, CancellationToken cancellationToken)
    {
        if (slice.Samples.Length == 0)
        {
            return;
        }

        using Slice? again = job.Train.Recompute
            ? Encoded(step, slice.Rank, clock, cancellationToken)
            : null;
        clock.Enter(PhaseClock.Backward);
        using DisposeScope scope = torch.NewDisposeScope();
        SliceEncoder.Backward(again ?? slice, slice.Gradients);
        for (int i = 0; i < replica.Reduced; i++)
        {
            Tensor parameter = replica.Parameters[i];
            if (parameter.grad is not { } gradient)
            {
                continue;
            }

            Span<float> values = gradient.cpu().contiguous().data<float>();
            faults?.Spoil(step, values);
            _reducer.Add(slice.Rank, i, values);
            parameter.grad = null;
        }

        slice.Dispose();
    }

    // From here to the end nothing waits: the replica goes from one step to the next at once.
    private (double Norm, ulong? Digest) Update(
        long step, ReduceOutcome outcome, List<GatheredSlice> gathered, double loss)
    {
        bool spoilt = outcome.NonFinite || !_objective.Finite;
        if (spoilt && job.Train.NotFinite == NotFinitePolicy.Stop)
        {
            int first = outcome.NonFinite ? Math.Max(0, outcome.FirstTensor) : replica.Reduced;
            throw new NotFiniteException(step, replica.Names[first]);
        }

        StepUpdate update = updates.Begin(() => new StepUpdate(replica));
        update.Step = step;
        update.Skipped = spoilt;
        update.SetGrid(_reducer.NextGrid());
        replica.SetPlateau(update, loss, gathered.Sum(g => g.Samples.Length));
        double norm = double.NaN;
        if (!spoilt)
        {
            norm = Fill(update, gathered);
        }

        replica.Apply(update);
        faults?.Flip(step, replica);
        bool due = IsDigestDue(step);
        update.Digest = due || updates.Followed ? replica.Digest() : null;
        updates.Publish(update);
        if (due)
        {
            _newestDue = new DueDigest(step, update.Digest!.Value);
        }

        return (norm, due ? update.Digest : null);
    }

    // Clipped gradients and combined buffers; gives the gradients' norm before clipping.
    private double Fill(StepUpdate update, IReadOnlyCollection<GatheredSlice> gathered)
    {
        for (int i = 0; i < replica.Reduced; i++)
        {
            _reducer.Read(i, update.Gradients[i].data<float>());
            update.Given[i] = _reducer.IsGiven(i) ? (byte)1 : (byte)0;
        }

        _objective.CopyTo(update);
        double norm = GradientClipping.Clip(
            [.. replica.Clipped.Select(i => update.Gradients[i])],
            job.Train.ClipNorm > 0 ? job.Train.ClipNorm : double.PositiveInfinity);
        replica.Buffers.Combine(
            replica.Buffers.Read(), [.. gathered.Where(g => g.Samples.Length > 0).Select(g => g.Buffers)])
            .CopyTo(update.Buffers, 0);
        return norm;
    }

    // On a parameter of its own: the code is rehearsed, and the replica stays as it is.
    private void RehearseOptimizer(long step)
    {
        const string Name = "rehearsed";
        using DisposeScope scope = torch.NewDisposeScope();
        Tensor parameter = torch.zeros([1], device: replica.Device).requires_grad_();
        parameter.grad = torch.ones([1], device: replica.Device);
        TrainSection plain = job.Train with { Groups = [] };
        using IOptimizer optimizer = TrainOptions.Optimizer(
            plain, [(Name, parameter)], TrainOptions.Groups(plain, [Name]));
        optimizer.Step(replica.RateOf(step));
        parameter.grad = null;
    }
}
