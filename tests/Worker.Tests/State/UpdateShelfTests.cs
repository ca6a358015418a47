using Colony.Torch;

namespace Colony.Worker.Tests;

public sealed class UpdateShelfTests : IDisposable
{
    private readonly Replica _replica = new Tiny().Replica();
    private readonly List<StepUpdate> _made = [];

    [Fact]
    public void Unfollowed_EveryStepUsesTheSameMemory()
    {
        using var shelf = new UpdateShelf();
        for (long step = 1; step <= 5; step++)
        {
            Put(shelf, step);
            Assert.True(shelf.Bridges(step - 1, step));
            Assert.False(shelf.Bridges(step - 2, step));
        }

        Assert.Single(_made);
    }

    [Fact]
    public void Followed_OlderOnesStayUntilTheLastFollowerEnds()
    {
        using var shelf = new UpdateShelf();
        Put(shelf, 1);
        IDisposable first = shelf.Follow(), second = shelf.Follow();
        Put(shelf, 2);
        Put(shelf, 3);
        first.Dispose();
        first.Dispose();
        Assert.True(shelf.Bridges(0, 3));
        second.Dispose();
        Assert.False(shelf.Bridges(1, 3));
        Assert.True(shelf.Bridges(2, 3));
    }

    [Fact]
    public void Kept_IsBoundedBySteps()
    {
        using var shelf = new UpdateShelf(maxKept: 3);
        using IDisposable follower = shelf.Follow();
        for (long step = 1; step <= 9; step++)
        {
            Put(shelf, step);
        }

        Assert.True(shelf.Bridges(5, 9));
        Assert.Null(shelf.Take(5));
        Assert.InRange(_made.Count, 4, 5);
    }

    [Fact]
    public void Kept_IsBoundedByBytes()
    {
        using var sample = new StepUpdate(_replica);
        using var shelf = new UpdateShelf(maxKept: 100, maxKeptBytes: 2 * sample.Bytes);
        using IDisposable follower = shelf.Follow();
        for (long step = 1; step <= 9; step++)
        {
            Put(shelf, step);
        }

        Assert.True(shelf.Bridges(6, 9));
        Assert.Null(shelf.Take(6));
    }

    [Fact]
    public void Reader_KeepsItsUpdateThoughTheNextStepsGoOn()
    {
        using var shelf = new UpdateShelf();
        Put(shelf, 1);
        using (UpdateShelf.Reading reading = shelf.Take(1)!)
        {
            Put(shelf, 2);
            Put(shelf, 3);
            Assert.Equal(1, reading.Update.Step);
            Assert.False(reading.Update.Gradients[0].IsDisposed);
        }

        Assert.True(_made[0].Gradients[0].IsDisposed);
        Assert.Equal(2, _made.Count);
    }

    [Fact]
    public void Reset_ForgetsWhatLedToTheOldState()
    {
        using var shelf = new UpdateShelf();
        using IDisposable follower = shelf.Follow();
        Put(shelf, 1);
        Put(shelf, 2);
        shelf.Reset(7);
        Assert.Equal(7, shelf.Step);
        Assert.Null(shelf.Take(2));
        Assert.All(_made, u => Assert.True(u.Gradients[0].IsDisposed));
    }

    [Fact]
    public void NothingLeaks()
    {
        long before = TensorCounters.Live;
        var shelf = new UpdateShelf();
        IDisposable follower = shelf.Follow();
        for (long step = 1; step <= 4; step++)
        {
            Put(shelf, step);
        }

        shelf.Abandon(shelf.Begin(Make));
        UpdateShelf.Reading reading = shelf.Take(2)!;
        shelf.Dispose();
        reading.Dispose();
        follower.Dispose();
        Assert.Equal(before, TensorCounters.Live);
    }

    public void Dispose() => _replica.Dispose();

    private void Put(UpdateShelf shelf, long step)
    {
        StepUpdate update = shelf.Begin(Make);
        update.Step = step;
        shelf.Publish(update);
    }

    private StepUpdate Make()
    {
        var made = new StepUpdate(_replica);
        _made.Add(made);
        return made;
    }
}
