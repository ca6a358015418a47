using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>
/// 44 samples in batches of 16 over five logical ranks: uneven slices, and a short batch at the end of an epoch.
/// </summary>
public sealed class SameBitsTests
{
    private const long Steps = 7;
    private const StringComparison Ending = StringComparison.Ordinal;

    [Theory]
    [InlineData(true, 0.0)]
    [InlineData(false, 0.4)]
    [InlineData(true, 0.4)]
    public async Task AnyNumberOfWorkers_EndsWithTheSameWeightsAndBuffers(bool normalize, double dropout)
    {
        var tiny = new Tiny { Normalize = normalize, Dropout = dropout };
        long before = TensorCounters.Live;
        Ended alone = await TrainAsync(tiny, 1);
        Assert.Equal(alone, await TrainAsync(tiny, 2));
        Assert.Equal(alone, await TrainAsync(tiny, 3));
        Assert.Equal(before, TensorCounters.Live);
    }

    [Fact]
    public async Task MembersWithoutRanks_ApplyTheSameSteps()
    {
        var tiny = new Tiny { Normalize = true, Dropout = 0.4 };
        Assert.Equal(await TrainAsync(tiny, 1), await TrainAsync(tiny, 7));
    }

    /// <summary>By shards too, where ranks take turns with the longer slice; and that order is another one.</summary>
    [Fact]
    public async Task AnyNumberOfWorkers_GoesThroughShardsToTheSameWeights()
    {
        var tiny = new Tiny { Dropout = 0.4, Shards = new Data.ShardOrder([10, 14, 3, 17], 2) };
        Ended alone = await TrainAsync(tiny, 1);
        Assert.Equal(alone, await TrainAsync(tiny, 2));
        Assert.Equal(alone, await TrainAsync(tiny, 3));
        Assert.NotEqual(alone, await TrainAsync(tiny with { Shards = null }, 1));
    }

    [Fact]
    public async Task SlicesWithoutSamples_HaveNoVoice()
    {
        // The last batch of an epoch has three samples for five logical ranks.
        var tiny = new Tiny { Samples = 19 };
        Assert.Equal(await TrainAsync(tiny, 1), await TrainAsync(tiny, 3));
    }

    [Fact]
    public async Task RehearsedSteps_LeaveNoTrace()
    {
        // With steps in which some slices, and the first one, have no samples.
        var tiny = new Tiny { Samples = 19, Normalize = true, Dropout = 0.4 };
        Assert.Equal(await TrainAsync(tiny, 1), await Ended.TrainAsync(tiny, 3, Steps, rehearsed: true));
    }

    [Fact]
    public async Task Buffers_AreTheMeanOfWhatTheSlicesMakeOfThem()
    {
        var tiny = new Tiny { Normalize = true };
        await using Crew crew = await Crew.StartAsync(tiny, 2);
        await crew.RunToAsync(1);
        await crew.OnComputeAsync(() =>
        {
            float[][] means = new float[5][];
            using Replica fresh = tiny.Replica();
            var encoder = new SliceEncoder(tiny.Job, tiny.Data, fresh);
            var plan = new Data.EpochPlan(new Data.PlanGeometry(tiny.Job.Seed, tiny.Samples, 16, 5));
            for (int rank = 0; rank < 5; rank++)
            {
                using Slice slice = encoder.Encode(
                    1, rank, plan.Slice(0, rank), 16, new PhaseClock(TimeProvider.System, _ => { }),
                    TestContext.Current.CancellationToken);
                means[rank] = Values(slice.Buffers);
            }

            float[] after = Values(crew.Members[1].Replica.Buffers.Read());
            for (int i = 0; i < Tiny.Width; i++)
            {
                double sum = 0;
                foreach (float[] mean in means)
                {
                    sum += mean[i];
                }

                Assert.Equal((float)(sum / 5), after[i]);
                Assert.NotEqual(0, after[i]);
            }

            // The reference replica's own buffers are as they were.
            using DisposeScope scope = torch.NewDisposeScope();
            Assert.All(fresh.Encoder.Module.named_buffers(), b => Assert.Equal(
                b.name.EndsWith("running_var", StringComparison.Ordinal) ? 1 : 0, b.buffer.sum().ToDouble()
                    / b.buffer.numel()));
        });
    }

    [Fact]
    public async Task CountOfBatches_AdvancesByOneAStep()
    {
        await using Crew crew = await Crew.StartAsync(new Tiny { Normalize = true }, 3);
        await crew.RunToAsync(4);
        Assert.All(crew.Members, m => Assert.All(
            m.Replica.Encoder.Module.named_buffers().Where(
                b => b.name.EndsWith("num_batches_tracked", StringComparison.Ordinal)),
            b => Assert.Equal(4, b.buffer.ToInt64())));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task RecomputedGraphs_GiveTheSameBitsAndLiveOneAtATime(int members)
    {
        var kept = new Tiny { Normalize = true, Dropout = 0.4 };
        Tiny again = kept.Train(t => t with { Recompute = true });
        var graphs = new List<int>();
        Assert.Equal(await TrainAsync(kept, members, graphs.Add), await TrainAsync(again, members, graphs.Add));
        Assert.Equal([kept.RanksOf(0, members).Length, 1], graphs);
        Assert.Equal(kept.Job.Hash(), again.Job.Hash());
    }

    [Fact]
    public async Task SkippedStep_LeavesAllButGridAndStepAsItWas()
    {
        var tiny = new Tiny { Normalize = true };
        await using Crew crew = await Crew.StartAsync(tiny, 2);
        await crew.RunToAsync(1);
        byte[] buffers = [];
        long[] counts = [];
        await crew.OnComputeAsync(() =>
        {
            buffers = crew.Members[1].Replica.Buffers.Read();
            foreach (Crew.Member member in crew.Members)
            {
                member.Replica.Parameters[0].data<float>()[0] = float.NaN;
                counts = [.. member.Replica.Optimizer.State().Where(s => s.Name.EndsWith(".step", Ending))
                    .Select(s => s.Tensor.ToInt64())];
            }
        });
        Assert.All(await crew.StepAsync(2), r => Assert.True(r.Skipped));
        await crew.OnComputeAsync(() =>
        {
            Replica replica = crew.Members[1].Replica;
            Assert.Equal(2, replica.Step);
            Assert.Equal(buffers, replica.Buffers.Read());
            Assert.Equal(counts, replica.Optimizer.State().Where(s => s.Name.EndsWith(".step", Ending))
                .Select(s => s.Tensor.ToInt64()));
        });
        Assert.All(crew.Members, m => Assert.True(m.Updates.Bridges(1, 2)));
    }

    private static float[] Values(byte[] buffers) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(buffers.AsSpan(0, Tiny.Width * 4)).ToArray();

    private static Task<Ended> TrainAsync(Tiny tiny, int members, Action<int>? graphs = null) =>
        Ended.TrainAsync(tiny, members, Steps, graphs);
}
