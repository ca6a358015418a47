using FsCheck;
using FsCheck.Fluent;

namespace Colony.Data.Tests;

public sealed class ShardedPlanTests
{
    private static Arbitrary<PlanGeometry> Geometries()
        => (from seed in Gen.Choose(0, int.MaxValue)
            from sizes in Gen.NonEmptyListOf(Gen.Choose(1, 30))
            from window in Gen.Choose(1, 6)
            from batch in Gen.Choose(1, 200)
            from ranks in Gen.Choose(1, 20)
            select Geometry((ulong)seed, [.. sizes], window, batch, ranks)).ToArbitrary();

    private static PlanGeometry Geometry(ulong seed, int[] sizes, int window, int batch, int ranks)
        => new(seed, sizes.Sum(), batch, ranks) { Shards = new ShardOrder(sizes, window) };

    [Fact]
    public void Every_epoch_uses_each_sample_exactly_once()
        => Prop.ForAll(Geometries(), geometry =>
        {
            var plan = new EpochPlan(geometry);
            for (var epoch = 0; epoch < 3; epoch++)
            {
                var used = Enumerable.Range(0, geometry.StepsPerEpoch)
                    .SelectMany(k => plan.GlobalBatch(((long)epoch * geometry.StepsPerEpoch) + k).ToArray())
                    .ToArray();
                Assert.Equal(Enumerable.Range(0, geometry.Samples), used.Order());
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Batches_are_as_long_as_in_the_global_order_and_slices_differ_by_at_most_one()
        => Prop.ForAll(Geometries(), geometry =>
        {
            var plan = new EpochPlan(geometry);
            var global = new EpochPlan(geometry with { Shards = null });
            for (var step = 0L; step < 2 * geometry.StepsPerEpoch; step++)
            {
                var slices = Enumerable.Range(0, geometry.LogicalRanks)
                    .Select(r => plan.Slice(step, r).ToArray()).ToArray();
                Assert.Equal(plan.GlobalBatch(step).ToArray(), slices.SelectMany(s => s));
                Assert.Equal(global.GlobalBatch(step).Length, plan.GlobalBatch(step).Length);
                Assert.True(slices.Max(s => s.Length) - slices.Min(s => s.Length) <= 1);
            }
        }).QuickCheckThrowOnFailure();

    /// <summary>Against the definition in Plan's comment, written down here another way.</summary>
    [Fact]
    public void A_rank_goes_through_its_segment_window_by_window()
        => Prop.ForAll(Geometries(), geometry =>
        {
            var plan = new EpochPlan(geometry);
            var shardOf = geometry.Shards!.Sizes.SelectMany((size, shard) => Enumerable.Repeat(shard, size)).ToArray();
            var segments = Enumerable.Range(0, geometry.LogicalRanks)
                .Select(r => Enumerable.Range(0, geometry.StepsPerEpoch)
                    .SelectMany(step => plan.Slice(step, r).ToArray()).ToArray())
                .ToArray();
            for (var rank = 0; rank < segments.Length; rank++)
            {
                var segment = segments[rank];
                Assert.InRange(
                    segment.Length, geometry.Samples / geometry.LogicalRanks,
                    (geometry.Samples / geometry.LogicalRanks) + 1);

                // In windows: what is used before the last of a window's shards is through, is of that window.
                for (var at = 0; at < segment.Length;)
                {
                    var inWindow = new HashSet<int>();
                    var begin = at;
                    while (at < segment.Length
                        && (inWindow.Contains(shardOf[segment[at]]) || inWindow.Count < geometry.Shards.Window))
                    {
                        inWindow.Add(shardOf[segment[at++]]);
                    }

                    var after = segment[at..].Select(s => shardOf[s]).ToHashSet();
                    Assert.False(after.Overlaps(inWindow), $"rank {rank} comes back to a shard of its window {begin}");
                }
            }

            // Neighbouring segments share at most the shard in which one ends and the other begins.
            var shards = segments.Select(s => s.Select(x => shardOf[x]).ToHashSet()).ToArray();
            Assert.True(
                shards.Sum(s => s.Count) <= geometry.Shards.Sizes.Count + geometry.LogicalRanks - 1,
                "segments share more shards than cuts can make");
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Epochs_and_seeds_have_orders_of_their_own_and_the_order_is_this_one_for_ever()
    {
        var geometry = Geometry(42, [3, 3, 3, 3], window: 2, batch: 5, ranks: 2);
        Assert.NotEqual(Plan.Order(geometry, 0), Plan.Order(geometry, 1));
        Assert.NotEqual(Plan.Order(geometry, 0), Plan.Order(geometry with { Seed = 43 }, 0));

        // Both from sharded_order.py beside this file, which was written from the definition in Plan's comment: with
        // 42 3 5 2 2 3 3 3 3 and with 7 0 4 3 2 5 1 7 2 9.
        int[] even = [10, 3, 4, 1, 0, 11, 5, 7, 8, 2, 9, 6];
        int[] uneven =
            [12, 10, 16, 5, 6, 18, 17, 14, 7, 21, 13, 0, 8, 9, 22, 3, 15, 23, 20, 2, 11, 19, 4, 1];
        Assert.Equal(even, Plan.Order(geometry, 3));
        Assert.Equal(uneven, Plan.Order(Geometry(7, [5, 1, 7, 2, 9], window: 2, batch: 4, ranks: 3), 0));
    }

    [Fact]
    public void One_window_over_everything_with_one_rank_shuffles_all()
    {
        var geometry = Geometry(1, [100, 100, 100], window: 3, batch: 30, ranks: 1);
        var first = Plan.GlobalBatch(geometry, 0).Select(s => s / 100).Distinct().Count();
        Assert.Equal(3, first);
        var narrow = Plan.GlobalBatch(Geometry(1, [100, 100, 100], window: 1, batch: 30, ranks: 1), 0);
        Assert.Single(narrow.Select(s => s / 100).Distinct());
    }

    [Fact]
    public void Mistakes_are_named()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShardOrder([1, 0], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShardOrder([], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShardOrder([1], 0));
        Assert.Throws<ArgumentException>(() => new PlanGeometry(1, 5, 2, 1) { Shards = new ShardOrder([2, 2], 1) });
    }
}
