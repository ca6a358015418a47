using Colony.Collective;
using Colony.Data;
using Colony.Jobs;
using Colony.Model;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>
/// One step of training: load and encode the hosted slices, gather, objective, backward, reduce as integers, update.
/// Everything that decides bits depends on (seed, step, logical rank) and the slice alone (design section 2).
/// Runs on the compute thread.
/// </summary>
internal sealed class StepRunner(
    Job job, IDataset dataset, Replica replica, TimeProvider time, Action<string> entered) : IDisposable
{
    private const string SampleName = "sample";

    private readonly PlanGeometry _geometry = new(job.Seed, dataset.Samples, job.Batch.Size, job.Batch.LogicalRanks);
    private readonly EpochPlan _plan = new(
        new PlanGeometry(job.Seed, dataset.Samples, job.Batch.Size, job.Batch.LogicalRanks));

    private readonly IGradientSum _reducer = job.Collective.Sum == GradientSum.Float32
        ? new FloatGradientSum(replica.Layout)
        : new GradientReducer(replica.Layout, job.Batch.LogicalRanks, job.Collective.Width, job.Seed);

    private readonly Tensor[] _gradients = [.. replica.Parameters.Select(
        p => torch.zeros(p.shape, p.dtype, p.device).DetachFromDisposeScope())];

    /// <summary>Runs and applies a step. Cancelled before the update it leaves the replica as it was.</summary>
    /// <param name="step">The step, from 1; the replica must hold the one before.</param>
    /// <param name="firstRank">First hosted logical rank.</param>
    /// <param name="endRank">One past the last.</param>
    /// <param name="communicator">The generation's group.</param>
    /// <param name="cancellationToken">Lets the step go.</param>
    /// <exception cref="CollectiveException">A peer was lost.</exception>
    public async Task<StepReport> RunAsync(
        long step, int firstRank, int endRank, Communicator communicator, CancellationToken cancellationToken)
    {
        if (replica.Step != step - 1)
        {
            throw new InvalidOperationException($"step {step} cannot follow step {replica.Step}");
        }

        var clock = new PhaseClock(time, entered);
        var slices = new List<Slice>();
        try
        {
            for (int rank = firstRank; rank < endRank; rank++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                slices.Add(Encode(step, rank, clock));
            }

            clock.Enter(PhaseClock.Gather);
            List<GatheredSlice> gathered = await GatherAsync(step, slices, communicator, cancellationToken)
                .ConfigureAwait(true);
            clock.Enter(PhaseClock.Objective);
            (double loss, long[] samples) = Differentiate(step, slices, gathered);
            clock.Enter(PhaseClock.Backward);
            _reducer.Begin(replica.Grid, step, step == 1);
            foreach (Slice slice in slices)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Accumulate(slice);
            }

            clock.Enter(PhaseClock.Reduce);
            ReduceOutcome outcome = await _reducer.ReduceAsync(communicator, cancellationToken)
                .ConfigureAwait(true);
            clock.Enter(PhaseClock.Optimizer);
            (double norm, double rate) = Apply(step, outcome);
            ulong digest = replica.Digest();
            clock.Close();
            return new StepReport(
                step, [.. samples.Select(s => checked((uint)s))], loss, norm, rate, digest, outcome.WideBlocks,
                outcome.NonFinite, clock.Seconds);
        }
        finally
        {
            slices.ForEach(s => s.Dispose());
        }
    }

    public void Dispose()
    {
        _reducer.Dispose();
        foreach (Tensor gradient in _gradients)
        {
            gradient.Dispose();
        }
    }

    private Slice Encode(long step, int rank, PhaseClock clock)
    {
        clock.Enter(PhaseClock.Load);
        ReadOnlyMemory<int> samples = _plan.Slice(step - 1, rank);
        if (samples.Length == 0)
        {
            return new Slice(rank, [], []);
        }

        using DisposeScope scope = torch.NewDisposeScope();
        using NamedTensors host = dataset.Load(samples.Span);
        using NamedTensors batch = host.To(replica.Device);
        long[] ids = host[SampleName].ToArray<long>();
        clock.Enter(PhaseClock.Forward);
        torch.manual_seed(unchecked((long)KeyedSeed.For(job.Seed, step, rank)));
        NamedTensors outputs = replica.Encoder.Encode(batch);
        var kept = new List<Tensor>();
        foreach (string name in replica.Objective.Inputs)
        {
            kept.Add(outputs[name].DetachFromDisposeScope());
        }

        Tensor? extra = outputs.TryGet(TensorNames.ExtraLoss, out Tensor? e) ? e.DetachFromDisposeScope() : null;
        return new Slice(rank, ids, [.. kept]) { Extra = extra };
    }

    private async Task<List<GatheredSlice>> GatherAsync(
        long step, List<Slice> slices, Communicator communicator, CancellationToken cancellationToken)
    {
        byte[] mine = Pack(slices);
        using GatheredBytes all = await communicator.AllGatherAsync(step, mine, cancellationToken).ConfigureAwait(true);
        var gathered = new List<GatheredSlice>();
        for (int member = 0; member < all.Members; member++)
        {
            GatheredRows.Unpack(all.Of(member).Span, replica.Objective.Inputs.Count, gathered);
        }

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

    private static byte[] Pack(List<Slice> slices)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return GatheredRows.Pack([.. slices.Select(s => new SliceRows(
            s.Rank, s.Samples, [.. s.Outputs.Select(o => o.detach().cpu().contiguous())]))]);
    }

    // Every worker evaluates the same objective on the same rows, and keeps the gradient of its own.
    private (double Loss, long[] Samples) Differentiate(long step, List<Slice> slices, List<GatheredSlice> gathered)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var inputs = new NamedTensors();
        int rows = gathered.Sum(g => g.Samples.Length);
        for (int i = 0; i < replica.Objective.Inputs.Count; i++)
        {
            int width = gathered.Max(g => g.Widths.Length > i ? g.Widths[i] : 0);
            Tensor host = torch.empty([rows, width]);
            Span<float> all = host.data<float>();
            foreach (GatheredSlice slice in gathered.Where(g => g.Samples.Length > 0))
            {
                slice.Values[i].CopyTo(all);
                all = all[slice.Values[i].Length..];
            }

            inputs.Add(replica.Objective.Inputs[i], host.to(replica.Device).requires_grad_());
        }

        using Tensor loss = replica.Objective.Loss(inputs, step - 1, _geometry.StepsPerEpoch);
        double value = loss.ToDouble();
        loss.backward();
        int first = 0;
        foreach (GatheredSlice slice in gathered)
        {
            if (slices.Find(s => s.Rank == slice.Rank) is { Samples.Length: > 0 } own)
            {
                own.Gradients = [.. replica.Objective.Inputs.Select(name => inputs[name].grad!
                    .narrow(0, first, slice.Samples.Length).clone().DetachFromDisposeScope())];
            }

            first += slice.Samples.Length;
        }

        return (value, [.. gathered.SelectMany(g => g.Samples)]);
    }

    // The slice's own backward pass: the sum of output times its gradient has just that gradient.
    private void Accumulate(Slice slice)
    {
        if (slice.Samples.Length == 0)
        {
            return;
        }

        using DisposeScope scope = torch.NewDisposeScope();
        Tensor? surrogate = slice.Extra;
        for (int i = 0; i < slice.Outputs.Length; i++)
        {
            Tensor term = (slice.Outputs[i] * slice.Gradients[i]).sum();
            surrogate = surrogate is null ? term : surrogate + term;
        }

        surrogate!.backward();
        for (int i = 0; i < replica.Parameters.Count; i++)
        {
            Tensor parameter = replica.Parameters[i];
            if (parameter.grad is not { } gradient)
            {
                continue;
            }

            _reducer.Add(slice.Rank, i, gradient.cpu().contiguous().data<float>());
            parameter.grad = null;
        }

        slice.Dispose();
    }

    private (double Norm, double Rate) Apply(long step, ReduceOutcome outcome)
    {
        double rate = replica.Schedule.LearningRate(step - 1, _geometry.StepsPerEpoch);
        double norm = double.NaN;
        if (!outcome.NonFinite)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            for (int i = 0; i < _gradients.Length; i++)
            {
                ReadInto(i);
                replica.Parameters[i].grad = _gradients[i];
            }

            norm = GradientClipping.ClipByNorm(
                replica.Parameters, job.Train.ClipNorm > 0 ? job.Train.ClipNorm : double.PositiveInfinity);
            replica.Optimizer.Step(rate);
            foreach (Tensor parameter in replica.Parameters)
            {
                parameter.grad = null;
            }
        }
        else if (job.Train.NotFinite == NotFinitePolicy.Stop)
        {
            throw new NotFiniteException(step, replica.Names[Math.Max(0, outcome.FirstTensor)]);
        }

        replica.Grid = _reducer.NextGrid();
        replica.Step = step;
        return (norm, rate);
    }

    private void ReadInto(int i)
    {
        if (_gradients[i].device.Type == DeviceType.CPU)
        {
            _reducer.Read(i, _gradients[i].data<float>());
            return;
        }

        using Tensor host = torch.empty(_gradients[i].shape);
        _reducer.Read(i, host.data<float>());
        _gradients[i].copy_(host);
    }

    /// <summary>A hosted slice between its forward and its backward pass; keeps its graph.</summary>
    private sealed class Slice(int rank, long[] samples, Tensor[] outputs) : IDisposable
    {
        public int Rank => rank;

        public long[] Samples => samples;

        public Tensor[] Outputs => outputs;

        public Tensor? Extra { get; init; }

        public Tensor[] Gradients { get; set; } = [];

        public void Dispose()
        {
            foreach (Tensor tensor in outputs.Concat(Gradients))
            {
                tensor.Dispose();
            }

            Extra?.Dispose();
        }
    }
}
