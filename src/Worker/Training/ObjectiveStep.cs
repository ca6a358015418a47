using Colony.Data;
using Colony.Jobs;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>
/// The objective's part of a step. Every worker evaluates the same objective on the same rows, from the same random
/// stream, and keeps the gradient of its own rows; what the objective itself learns gets the same gradient everywhere.
/// </summary>
internal sealed class ObjectiveStep(Job job, Replica replica) : IDisposable
{
    private readonly List<Tensor?> _gradients = [];

    /// <summary>Whether the gradients of the objective's own parameters are finite.</summary>
    public bool Finite { get; private set; } = true;

    /// <summary>The loss of the global batch, slices' own losses included; sets the gradients of hosted
    /// slices.</summary>
    public double Differentiate(
        long step, IReadOnlyList<Slice> slices, IReadOnlyList<GatheredSlice> gathered, long stepsPerEpoch)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using NamedTensors inputs = Inputs(gathered);
        torch.nn.Module? module = replica.Objective.Module;
        module?.zero_grad();

        // Logical ranks draw from streams of their own; the objective's is the one after the last.
        torch.manual_seed(unchecked((long)KeyedSeed.For(job.Seed, step, job.Batch.LogicalRanks)));
        using Tensor loss = replica.Objective.Loss(inputs, step - 1, stepsPerEpoch);
        double value = loss.ToDouble();
        loss.backward();
        Share(inputs, slices, gathered);
        Keep(module);
        return gathered.Aggregate(value, (sum, slice) => sum + slice.Extra);
    }

    /// <summary>Puts the gradients of the objective's parameters behind those that were reduced; zeros where there is
    /// none.</summary>
    public void CopyTo(StepUpdate update)
    {
        using var unrecorded = torch.no_grad();
        for (int i = 0; i < _gradients.Count; i++)
        {
            Tensor target = update.Gradients[replica.Reduced + i];
            update.Given[replica.Reduced + i] = _gradients[i] is null ? (byte)0 : (byte)1;
            if (_gradients[i] is { } own)
            {
                target.copy_(own);
            }
            else
            {
                target.zero_();
            }
        }
    }

    public void Dispose() => Forget();

    private NamedTensors Inputs(IReadOnlyList<GatheredSlice> gathered)
    {
        var inputs = new NamedTensors();
        for (int i = 0; i < replica.Objective.Inputs.Count; i++)
        {
            GatheredSlice[] parts = [.. gathered.Where(g => g.Samples.Length > 0)];
            Tensor host = Joined(parts, i);
            inputs.Add(replica.Objective.Inputs[i], host.to(replica.Device).requires_grad_());
        }

        return inputs;
    }

    /// <summary>The rows of all slices; along the second dimension slices may differ, and the shorter end in
    /// zeros.</summary>
    private static Tensor Joined(GatheredSlice[] parts, int tensor)
    {
        int[] shape = [.. parts[0].Shapes[tensor]];
        foreach (GatheredSlice part in parts)
        {
            int[] other = part.Shapes[tensor];
            if (other.Length != shape.Length || !other.Skip(1).SequenceEqual(shape.Skip(1)))
            {
                throw new InvalidDataException(
                    $"rows [{string.Join(", ", other)}] of slice {part.Rank} do not go with "
                    + $"[{string.Join(", ", shape)}]");
            }

            if (other.Length > 0)
            {
                shape[0] = Math.Max(shape[0], other[0]);
            }
        }

        Tensor host = torch.zeros([parts.Sum(p => p.Samples.Length), .. shape.Select(size => (long)size)]);
        Span<float> all = host.data<float>();
        int width = shape.Aggregate(1, (product, size) => product * size);
        foreach (GatheredSlice part in parts)
        {
            float[] values = part.Values[tensor];
            int own = values.Length / part.Samples.Length;
            for (int row = 0; row < part.Samples.Length; row++)
            {
                values.AsSpan(row * own, own).CopyTo(all);
                all = all[width..];
            }
        }

        return host;
    }

    private void Share(NamedTensors inputs, IReadOnlyList<Slice> slices, IReadOnlyList<GatheredSlice> gathered)
    {
        int first = 0;
        foreach (GatheredSlice slice in gathered)
        {
            int start = first;
            if (slices.FirstOrDefault(s => s.Rank == slice.Rank) is { Samples.Length: > 0 } own)
            {
                own.Gradients = [.. replica.Objective.Inputs.Select(name => inputs[name].grad?
                    .narrow(0, start, slice.Samples.Length).clone().DetachFromDisposeScope())];
            }

            first += slice.Samples.Length;
        }
    }

    private void Keep(torch.nn.Module? module)
    {
        Forget();
        Finite = true;
        foreach (Parameter parameter in module?.parameters() ?? [])
        {
            Tensor? gradient = parameter.grad;
            Finite &= gradient?.isfinite().all().ToBoolean() ?? true;
            _gradients.Add(gradient?.cpu().clone().DetachFromDisposeScope());
            parameter.grad = null;
        }
    }

    private void Forget()
    {
        _gradients.ForEach(gradient => gradient?.Dispose());
        _gradients.Clear();
    }
}
