namespace Colony.Actors.Tests;

public sealed class AskTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly World _world = new();

    private sealed record Question(int Number, ReplyTo<int> Answer);

    private ActorRef<Question> Spawn(Action<Question, IActorContext<Question>> receive) =>
        _world.System.Spawn(Probes.Of("oracle", receive));

    [Fact]
    public async Task An_answer_comes_back_and_only_the_first_counts()
    {
        var accepted = new List<bool>();
        var oracle = Spawn((q, _) =>
        {
            accepted.Add(q.Answer.Reply(q.Number * 2));
            accepted.Add(q.Answer.Reply(-1));
        });
        var answer = oracle.AskAsync<int>(to => new Question(21, to), Second, TestContext.Current.CancellationToken);
        _world.Run(0.1);

        Assert.True(answer.IsCompletedSuccessfully);
        Assert.Equal(42, await answer);
        Assert.Equal([true, false], accepted);
        _world.Run(5);
        Assert.Equal(0, _world.Scheduler.QueuedEvents);
    }

    [Fact]
    public async Task No_answer_in_time_is_a_timeout_that_names_the_actor()
    {
        var oracle = Spawn((_, _) => { });
        var answer = oracle.AskAsync<int>(to => new Question(1, to), Second, TestContext.Current.CancellationToken);
        _world.Run(0.99);
        Assert.False(answer.IsCompleted);
        _world.Run(0.02);

        var late = await Assert.ThrowsAsync<TimeoutException>(() => answer);
        Assert.Contains("'test/oracle' did not answer within 1 s", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_the_actor_ends_the_question_at_once()
    {
        var oracle = Spawn((_, context) => context.Stop("silence"));
        var answer = oracle.AskAsync<int>(
            to => new Question(1, to), TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
        _world.Run(0.1);
        var ended = await Assert.ThrowsAsync<ActorUnavailableException>(() => answer);
        Assert.Contains("silence", ended.Message, StringComparison.Ordinal);

        answer = oracle.AskAsync<int>(to => new Question(1, to), Second, TestContext.Current.CancellationToken);
        Assert.True(answer.IsFaulted);
    }

    [Fact]
    public async Task A_full_mailbox_and_a_cancelled_token_end_it_too()
    {
        var oracle = _world.System.Spawn(Probes.Of<Question>("small", (_, _) => { }) with { MailboxCapacity = 1 });
        using var cancellation = new CancellationTokenSource();
        var first = oracle.AskAsync<int>(to => new Question(1, to), Second, cancellation.Token);
        var second = oracle.AskAsync<int>(to => new Question(2, to), Second, TestContext.Current.CancellationToken);
        Assert.Contains(
            "full",
            (await Assert.ThrowsAsync<ActorUnavailableException>(() => second)).Message,
            StringComparison.Ordinal);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }
}
