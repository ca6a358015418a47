using System.Runtime.InteropServices;
using Colony.Faults;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>Faults in numbers instead of processes, where they are armed.</summary>
internal static class TensorFaults
{
    /// <summary>The update of a step is applied: flips the lowest bit of the first parameter.</summary>
    public static void Flip(this FaultPoints faults, long step, Replica replica)
    {
        if (!faults.Take(FaultAction.Flip, WorkerPlaces.Optimizer, step))
        {
            return;
        }

        using var unrecorded = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        Tensor host = replica.Parameters[0].detach().cpu().contiguous().clone();
        MemoryMarshal.AsBytes(host.data<float>())[0] ^= 1;
        replica.Parameters[0].copy_(host);
    }

    /// <summary>A gradient is about to be added: spoils one of its values.</summary>
    public static void Spoil(this FaultPoints faults, long step, Span<float> gradient)
    {
        if (gradient.Length > 0 && faults.Take(FaultAction.Nan, WorkerPlaces.Backward, step))
        {
            gradient[0] = float.NaN;
        }
    }
}
