using FsCheck;
using FsCheck.Fluent;

namespace Colony.Data.Tests;

public sealed class PlanTests
{
    private static Arbitrary<PlanGeometry> Geometries()
        => (from seed in Gen.Choose(0, int.MaxValue)
            from samples in Gen.Choose(1, 300)
            from batch in Gen.Choose(1, 400)
            from ranks in Gen.Choose(1, 40)
            select new PlanGeometry((ulong)seed, samples, batch, ranks)).ToArbitrary();

    [Fact]
    public void Every_epoch_uses_each_sample_exactly_once()
        => Prop.ForAll(Geometries(), geometry =>
        {
            for (var epoch = 0; epoch < 3; epoch++)
            {
                var used = Enumerable.Range(0, geometry.StepsPerEpoch)
                    .SelectMany(k => Plan.GlobalBatch(geometry, ((long)epoch * geometry.StepsPerEpoch) + k))
                    .ToArray();
                Assert.Equal(Enumerable.Range(0, geometry.Samples), used.Order());
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Slices_concatenate_to_the_global_batch_and_differ_by_at_most_one()
        => Prop.ForAll(Geometries(), geometry =>
        {
            var plan = new EpochPlan(geometry);
            for (var step = 0L; step < Math.Min(4, 2 * geometry.StepsPerEpoch); step++)
            {
                var slices = Enumerable.Range(0, geometry.LogicalRanks)
                    .Select(r => plan.Slice(step, r).ToArray()).ToArray();
                Assert.Equal(plan.GlobalBatch(step).ToArray(), slices.SelectMany(s => s));
                Assert.True(slices.Max(s => s.Length) - slices.Min(s => s.Length) <= 1);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Answers_do_not_depend_on_the_order_of_asking()
    {
        var geometry = new PlanGeometry(7, 101, 8, 3);
        var plan = new EpochPlan(geometry);
        long[] steps = [40, 0, 13, 39, 12, 5, 26, 0, 40];
        foreach (var step in steps)
        {
            Assert.Equal(Plan.GlobalBatch(geometry, step), plan.GlobalBatch(step).ToArray());
            Assert.Equal(Plan.SliceSamples(geometry, step, 1), plan.Slice(step, 1).ToArray());
        }
    }

    [Fact]
    public void A_slice_handed_out_survives_the_next_epoch()
    {
        var plan = new EpochPlan(new PlanGeometry(1, 10, 10, 1));
        var first = plan.GlobalBatch(0);
        var copy = first.ToArray();
        _ = plan.GlobalBatch(1);
        Assert.Equal(copy, first.ToArray());
    }

    [Fact]
    public void The_last_batch_of_an_epoch_is_short_and_never_padded()
    {
        var geometry = new PlanGeometry(3, 30_000, 128, 4);
        Assert.Equal(235, geometry.StepsPerEpoch);
        Assert.Equal(48, Plan.GlobalBatch(geometry, 234).Length);
        Assert.Equal(128, Plan.GlobalBatch(geometry, 235).Length);
        Assert.Equal(1, geometry.EpochOf(235));
    }

    [Fact]
    public void Fewer_samples_than_the_batch_make_one_step()
    {
        var geometry = new PlanGeometry(3, 5, 128, 8);
        Assert.Equal(1, geometry.StepsPerEpoch);
        var sizes = Enumerable.Range(0, 8).Select(r => Plan.SliceSamples(geometry, 0, r).Length).ToArray();
        Assert.Equal(5, sizes.Sum());
        Assert.Contains(0, sizes);
    }

    [Fact]
    public void Epochs_and_seeds_have_orders_of_their_own()
    {
        var geometry = new PlanGeometry(1, 1000, 10, 1);
        var other = new PlanGeometry(2, 1000, 10, 1);
        Assert.NotEqual(Plan.Order(geometry, 0), Plan.Order(geometry, 1));
        Assert.NotEqual(Plan.Order(geometry, 0), Plan.Order(other, 0));

        // Epoch and seed are not interchangeable: a sum of them would make these two alike.
        Assert.NotEqual(Plan.Order(geometry, 1), Plan.Order(other, 0));
    }

    [Fact]
    public void The_order_is_this_one_for_ever()
    {
        // Both numbers come from a Python program written from the definition in Plan's and CounterRandom's comments.
        // A change here breaks the promise that an old job resumes to the same bits.
        int[] expected = [4, 8, 1, 7, 6, 3, 10, 11, 5, 0, 9, 2];
        Assert.Equal(expected, Plan.Order(new PlanGeometry(42, 12, 4, 2), 3));
        Assert.Equal(0xBC7C18992517751UL, KeyedSeed.For(42, 1000, 3));
    }

    [Fact]
    public void All_orders_of_four_are_equally_likely()
    {
        const int Draws = 24_000;
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var geometry = new PlanGeometry(99, 4, 4, 1);
        for (var epoch = 0; epoch < Draws; epoch++)
        {
            var key = string.Join(",", Plan.Order(geometry, epoch));
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        // 23 degrees of freedom: chi squared beyond 60 has a chance below one in ten thousand, and the seed is fixed.
        var expected = Draws / 24.0;
        Assert.Equal(24, counts.Count);
        Assert.True(counts.Values.Sum(c => (c - expected) * (c - expected) / expected) < 60);
    }

    [Fact]
    public void Bounded_draws_are_even_where_a_remainder_would_not_be()
    {
        // 3·2^30: a plain modulus of 32 bits would draw the first third twice as often.
        const int Bound = 3 << 29;
        var random = CounterRandom.Keyed(5);
        var low = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var drawn = random.Below(Bound);
            Assert.InRange(drawn, 0, Bound - 1);
            low += drawn < Bound / 3 ? 1 : 0;
        }

        Assert.InRange(low, 9_600, 10_400);
    }

    [Fact]
    public void Mistakes_are_named()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PlanGeometry(1, 0, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PlanGeometry(1, 1, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PlanGeometry(1, 1, 1, 0));
        var geometry = new PlanGeometry(1, 1, 1, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => Plan.GlobalBatch(geometry, -1));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Plan.SliceSamples(geometry, 0, 2));
        Assert.Contains("0 to 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keyed_seeds_are_all_different_and_well_mixed()
    {
        var seen = new HashSet<ulong>();
        var ones = new int[64];
        var count = 0;
        for (ulong seed = 0; seed < 10; seed++)
        {
            for (var step = 0L; step < 50; step++)
            {
                for (var rank = 0; rank < 20; rank++)
                {
                    var value = KeyedSeed.For(seed, step, rank);
                    Assert.True(seen.Add(value));
                    count++;
                    for (var bit = 0; bit < 64; bit++)
                    {
                        ones[bit] += (int)((value >> bit) & 1);
                    }
                }
            }
        }

        Assert.All(ones, n => Assert.InRange(n, count * 0.47, count * 0.53));
    }

    [Fact]
    public void Normal_draws_have_mean_zero_and_variance_one()
    {
        var random = CounterRandom.Keyed(1, 2);
        double sum = 0, squares = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var x = random.Normal();
            sum += x;
            squares += x * x;
        }

        Assert.InRange(sum / 100_000, -0.015, 0.015);
        Assert.InRange(squares / 100_000, 0.98, 1.02);
    }
}
