using Colony.Data;
using Colony.Jobs;
using Colony.Model;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>
/// Forward and backward passes of single slices. A slice's pass starts from the keyed random stream and from the
/// buffers that the replica holds, and leaves the buffers as they were; so it can be made anywhere, in any order, and
/// again.
/// </summary>
internal sealed class SliceEncoder(Job job, IDataset dataset, Replica replica)
{
    private const string SampleName = "sample";

    private int _graphs;

    /// <summary>The most graphs that were alive at a time.</summary>
    public int PeakGraphs { get; private set; }

    /// <summary>Loads and encodes a slice; the caller disposes it.</summary>
    /// <param name="step">The step, from 1.</param>
    /// <param name="rank">The logical rank.</param>
    /// <param name="samples">Its samples.</param>
    /// <param name="batchRows">Samples of the whole global batch.</param>
    /// <param name="clock">Takes the times.</param>
    /// <param name="cancellationToken">Lets a wait for data go.</param>
    public Slice Encode(
        long step, int rank, ReadOnlyMemory<int> samples, int batchRows, PhaseClock clock,
        CancellationToken cancellationToken)
    {
        clock.Enter(PhaseClock.Load);
        if (samples.Length == 0)
        {
            return new Slice(rank, []);
        }

        using DisposeScope scope = torch.NewDisposeScope();
        using NamedTensors host = dataset.Load(samples.Span, cancellationToken);
        host.Add(TensorNames.BatchRows, torch.full([], batchRows, ScalarType.Int64));
        using NamedTensors batch = host.To(replica.Device);
        long[] ids = host[SampleName].ToArray<long>();
        clock.Enter(PhaseClock.Forward);
        torch.manual_seed(unchecked((long)KeyedSeed.For(job.Seed, step, rank)));
        byte[] start = replica.Buffers.Read();
        byte[] after = [];
        NamedTensors outputs;
        try
        {
            using (torch.autocast(replica.Device.Type, enabled: job.Train.Precision == Precision.Bf16))
            {
                outputs = replica.Encoder.Encode(batch);
            }

            after = replica.Buffers.Read();
        }
        finally
        {
            replica.Buffers.Write(start);
        }

        PeakGraphs = Math.Max(PeakGraphs, ++_graphs);
        return new Slice(rank, ids)
        {
            Outputs = [.. replica.Objective.Inputs.Select(name => Widened(outputs[name]).DetachFromDisposeScope())],
            Extra = outputs.TryGet(TensorNames.ExtraLoss, out Tensor? extra)
                ? Widened(extra).DetachFromDisposeScope()
                : null,
            Buffers = after,
            Released = () => _graphs--,
        };
    }

    // What leaves the model is of the weights' type, whatever its products were computed in.
    private static Tensor Widened(Tensor output) =>
        output.dtype == ScalarType.BFloat16 ? output.to_type(ScalarType.Float32) : output;

    /// <summary>The rows of an output as they travel, without graph; the caller disposes them.</summary>
    public static Tensor RowsOf(Tensor output)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return output.detach().cpu().contiguous().DetachFromDisposeScope();
    }

    /// <summary>
    /// The slice's own backward pass: the sum of output times its gradient has just that gradient. Called in a scope.
    /// </summary>
    public static void Backward(Slice slice, Tensor?[] gradients)
    {
        Tensor? surrogate = slice.Extra is { requires_grad: true } ? slice.Extra : null;
        for (int i = 0; i < slice.Outputs.Length; i++)
        {
            // Lengths and ids are outputs too, and features that a loss takes as they are.
            if (gradients[i] is { } gradient && slice.Outputs[i].requires_grad)
            {
                // A gathered batch may be longer than its slice: zeros that are nobody's.
                Tensor own = slice.Outputs[i];
                Tensor term = (own * (gradient.dim() > 1 ? gradient.narrow(1, 0, own.shape[1]) : gradient)).sum();
                surrogate = surrogate is null ? term : surrogate + term;
            }
        }

        surrogate?.backward();
    }
}
