using Colony.Collective;
using Colony.Data;
using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>Samples that do not come.</summary>
public sealed class WaitingLoadTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_that_waits_for_its_samples_is_let_go()
    {
        var tiny = new Tiny();
        using var compute = new ComputeThread("waiting");
        using var absent = new Absent(tiny.Data);
        using var stop = new CancellationTokenSource();
        await using var group = new Communicator(new InProcessNetwork(1).Connect(0), 0, 1);
        Task running = compute.RunAsync(async () =>
        {
            using Replica replica = tiny.Replica();
            using var updates = new UpdateShelf();
            using var runner = new StepRunner(tiny.Job, absent, replica, updates, TimeProvider.System, _ => { });
            return await runner.RunAsync(1, [0, 1, 2, 3, 4], group, stop.Token);
        });
        await absent.Asked.Task.WaitAsync(Tiny.Patience, Ct);
        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Tiny.Patience, Ct));
    }

    /// <summary>Data in a store that does not answer.</summary>
    private sealed class Absent(IDataset inner) : IDataset
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Samples => inner.Samples;

        public int Images => inner.Images;

        public int CaptionsPerImage => inner.CaptionsPerImage;

        public int FeatureDim => inner.FeatureDim;

        public int WordDim => inner.WordDim;

        public Vocabulary? Vocabulary => inner.Vocabulary;

        public int TruncatedCaptions => inner.TruncatedCaptions;

        public NamedTensors Load(ReadOnlySpan<int> samples, CancellationToken cancellationToken = default)
        {
            Asked.TrySetResult();
            cancellationToken.WaitHandle.WaitOne(Tiny.Patience);
            cancellationToken.ThrowIfCancellationRequested();
            throw new InvalidOperationException("nobody let the load go");
        }

        public NamedTensors LoadImages(ReadOnlySpan<int> imageIndices, CancellationToken cancellationToken = default) =>
            Load(imageIndices, cancellationToken);

        public NamedTensors LoadCaptions(
            ReadOnlySpan<int> captionIndices, CancellationToken cancellationToken = default) =>
            Load(captionIndices, cancellationToken);

        public NamedTensors TextBatch(IReadOnlyList<string> texts) => inner.TextBatch(texts);

        public string Caption(int sample) => inner.Caption(sample);

        public string ImageId(int image) => inner.ImageId(image);

        public int ImageOfCaption(int sample) => inner.ImageOfCaption(sample);

        public void Dispose() => inner.Dispose();
    }
}
