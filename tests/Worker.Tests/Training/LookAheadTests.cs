using Colony.Data;
using Colony.Torch;

namespace Colony.Worker.Tests;

public sealed class LookAheadTests
{
    private static readonly PlanGeometry Geometry = new(3, 500, 10, 4);

    [Fact]
    public void Every_sample_of_the_hosted_ranks_is_told_once_before_its_step_and_not_long_before()
    {
        var data = new Listening();
        var ahead = new LookAhead(Geometry, data);
        var plan = new EpochPlan(Geometry);
        int[] ranks = [1, 3];
        const long Final = 120;
        long steps = 0;
        for (long step = 1; step <= Final; step++)
        {
            if (step > 1)
            {
                // What this step loads was told, in order, right behind what the steps before it loaded.
                foreach (int rank in ranks)
                {
                    foreach (int sample in plan.Slice(step - 1, rank).Span)
                    {
                        Assert.Equal(sample, data.Told.Dequeue());
                    }
                }
            }

            ahead.Began(step, ranks, Final);
            steps = Math.Min(step + LookAhead.Steps, Final);
            Assert.True(data.Told.Count <= LookAhead.Steps * ranks.Length * 3);
        }

        Assert.Equal(Final, steps);
        Assert.Empty(data.Told);
    }

    [Fact]
    public void New_ranks_are_told_from_the_next_step_on()
    {
        var data = new Listening();
        var ahead = new LookAhead(Geometry, data);
        ahead.Began(1, [0], 100);
        data.Told.Clear();
        ahead.Began(2, [2], 100);
        Assert.Equal(Plan.SliceSamples(Geometry, 2, 2), data.Told.Take(Plan.SliceSamples(Geometry, 2, 2).Length));
    }

    [Fact]
    public void Data_at_hand_are_told_of_shortly_before()
    {
        var data = new Listening { IsAtHand = true };
        new LookAhead(Geometry, data).Began(1, [0], 100);
        Assert.Equal(
            Enumerable.Range(1, LookAhead.StepsAtHand).SelectMany(step => Plan.SliceSamples(Geometry, step, 0)),
            data.Told);
    }

    private sealed class Listening : IDataset
    {
        public bool IsAtHand { get; init; }

        public Queue<int> Told { get; } = new();

        public int Samples => Geometry.Samples;

        public int Images => Samples;

        public int CaptionsPerImage => 1;

        public int FeatureDim => 1;

        public int WordDim => 1;

        public Vocabulary? Vocabulary => null;

        public int TruncatedCaptions => 0;

        public void Expect(ReadOnlySpan<int> samples)
        {
            foreach (int sample in samples)
            {
                Told.Enqueue(sample);
            }
        }

        public NamedTensors Load(ReadOnlySpan<int> samples, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public NamedTensors LoadImages(ReadOnlySpan<int> imageIndices, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public NamedTensors LoadCaptions(
            ReadOnlySpan<int> captionIndices, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public NamedTensors TextBatch(IReadOnlyList<string> texts) => throw new NotSupportedException();

        public string Caption(int sample) => throw new NotSupportedException();

        public string ImageId(int image) => throw new NotSupportedException();

        public int ImageOfCaption(int sample) => sample;

        public void Dispose()
        {
        }
    }
}
