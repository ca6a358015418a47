using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>What a run of some steps ends with, all of it.</summary>
internal sealed record Ended(double Loss, ulong Digest, string Weights, string Buffers)
{
    /// <summary>Runs a group from the start; every member must end alike.</summary>
    public static async Task<Ended> TrainAsync(
        Tiny tiny, int members, long steps, Action<int>? graphs = null, bool rehearsed = false)
    {
        await using Crew crew = await Crew.StartAsync(tiny, members);
        for (long step = 1; rehearsed && step < steps; step++)
        {
            await crew.RehearseAsync();
            await crew.RunToAsync(step);
        }

        StepReport report = await crew.RunToAsync(steps);
        Ended? ended = null;
        await crew.OnComputeAsync(() =>
        {
            Replica[] replicas = [.. crew.Members.Select(m => m.Replica)];
            ended = new Ended(
                report.Loss, report.Digest!.Value, replicas[0].WeightsSha256(),
                Convert.ToHexString(replicas[0].Buffers.Read()));
            using (torch.NewDisposeScope())
            {
                Assert.All(replicas[0].Encoder.Module.named_buffers(), b => Assert.True(
                    b.buffer.isfinite().all().ToBoolean(), $"{b.name} is not finite"));
            }

            graphs?.Invoke(crew.Members[0].Runner.PeakGraphs);
            Assert.All(replicas, r => Assert.Equal(ended.Digest, r.Digest()));
        });
        return ended!;
    }
}
