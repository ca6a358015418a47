namespace Colony.Evaluator.Tests;

public sealed class AlternatingTests
{
    [Fact]
    public void What_is_shown_is_left_alone_while_the_other_takes_its_turn()
    {
        var made = new List<Counted>();
        var pair = new Alternating<Counted>(() =>
        {
            made.Add(new Counted());
            return made[^1];
        });
        var first = pair.Next;
        Assert.Same(first, pair.Next); // a judgement that failed is tried again with the same
        pair.Show();
        Assert.Single(made);
        var second = pair.Next;
        Assert.NotSame(first, second);
        pair.Show();
        Assert.Same(first, pair.Next);
        Assert.Equal(2, made.Count);

        pair.Dispose();
        Assert.All(made, one => Assert.Equal(1, one.Disposals));
    }

    private sealed class Counted : IDisposable
    {
        public int Disposals { get; private set; }

        public void Dispose() => Disposals++;
    }
}
