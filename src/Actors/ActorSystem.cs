namespace Colony.Actors;

/// <summary>
/// A tree of actors on one scheduler. Thread-safe. On the thread pool, dispose of it to stop every actor in order; on a
/// simulated scheduler just let go of it, as a crash would.
/// </summary>
public sealed class ActorSystem : IAsyncDisposable
{
    /// <summary>How long <see cref="DisposeAsync"/> waits for actors to end before it says which do not.</summary>
    public static readonly TimeSpan DisposePatience = TimeSpan.FromSeconds(30);

    private readonly ActorCell<Nothing> _root;
    private readonly TaskCompletionSource<StopReason> _terminated;

    /// <summary>Makes a system without actors.</summary>
    /// <param name="scheduler">Where the actors run and what time they see.</param>
    /// <param name="options">What it reports to.</param>
    public ActorSystem(IScheduler scheduler, ActorSystemOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        options ??= new ActorSystemOptions();
        Scheduler = scheduler;
        Observer = options.Observer;
        Metrics = new ActorMetrics(options.Meter, Mailboxes);
        _terminated = new(scheduler.ContinuesInline
            ? TaskCreationOptions.None
            : TaskCreationOptions.RunContinuationsAsynchronously);
        var root = new Props<Nothing>(options.Name, static () => new Root()) { Supervision = Supervision.Stop() };
        _root = new ActorCell<Nothing>(this, null, root);
        _root.Start();
    }

    /// <summary>Where the actors run.</summary>
    public IScheduler Scheduler { get; }

    /// <summary>Dead letters, refusals and failures so far.</summary>
    public ActorMetrics Metrics { get; }

    /// <summary>
    /// Done when every actor has ended. Its result says why; <see cref="StopKind.Failed"/> means that a failure was
    /// escalated past the last actor, and the process should end.
    /// </summary>
    public Task<StopReason> Terminated => _terminated.Task;

    internal ActorObserver Observer { get; }

    /// <summary>Starts an actor without a parent of its own.</summary>
    /// <typeparam name="TMessage">Its messages.</typeparam>
    /// <param name="props">How to make it.</param>
    /// <returns>Its reference; messages told before it has started wait.</returns>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="InvalidOperationException">The system is stopping.</exception>
    public ActorRef<TMessage> Spawn<TMessage>(Props<TMessage> props) => Spawn(_root, props);

    /// <summary>How full the mailbox of every living actor is.</summary>
    /// <returns>One reading an actor, parents before children.</returns>
    public IReadOnlyList<MailboxReading> Mailboxes()
    {
        var readings = new List<MailboxReading>();
        Visit(_root, cell => readings.Add(new MailboxReading(cell.Path, cell.Kind, cell.Depth, cell.Capacity)));
        readings.RemoveAt(0); // the root takes no messages
        return readings;
    }

    /// <summary>Stops every actor, children before parents, and waits until they and their work have ended.</summary>
    /// <param name="reason">For watchers and the log.</param>
    /// <param name="cancellationToken">Ends the wait, not the stopping.</param>
    /// <returns>Why the system ended: this reason, or an earlier failure.</returns>
    /// <exception cref="OperationCanceledException">The wait ended first; the message names who still runs.</exception>
    public async Task<StopReason> StopAsync(string reason, CancellationToken cancellationToken)
    {
        _root.Stop(new StopReason(StopKind.Requested, reason));
        try
        {
            return await Terminated.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled) when (!Terminated.IsCompleted)
        {
            var unfinished = new List<string>();
            Visit(_root, cell =>
            {
                if (cell.Unfinished() is { } line)
                {
                    unfinished.Add(line);
                }
            });
            throw new OperationCanceledException(
                $"Actors have not ended: {string.Join("; ", unfinished)}.", cancelled, cancellationToken);
        }
    }

    /// <summary>Stops every actor and waits, at most <see cref="DisposePatience"/>.</summary>
    /// <returns>When they have ended.</returns>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(DisposePatience, Scheduler.Time);
        await StopAsync("the actor system is disposed of", patience.Token).ConfigureAwait(false);
    }

    internal ActorRef<TMessage> Spawn<TMessage>(ActorCell parent, Props<TMessage> props)
    {
        ArgumentNullException.ThrowIfNull(props);
        var cell = new ActorCell<TMessage>(this, parent, props);
        parent.Adopt(cell);
        return cell.Self;
    }

    internal void Forget(ActorCell cell, StopReason reason)
    {
        if (ReferenceEquals(cell, _root))
        {
            _terminated.TrySetResult(reason);
        }
    }

    private static void Visit(ActorCell cell, Action<ActorCell> visit)
    {
        visit(cell);
        foreach (var child in cell.Children())
        {
            Visit(child, visit);
        }
    }

    private readonly record struct Nothing;

    private sealed class Root : Actor<Nothing>
    {
        protected internal override void Receive(Nothing message, IActorContext<Nothing> context)
        {
        }
    }
}
