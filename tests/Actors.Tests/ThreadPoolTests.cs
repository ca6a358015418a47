using System.Diagnostics.Metrics;

namespace Colony.Actors.Tests;

public sealed class ThreadPoolTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static ActorSystem NewSystem(ActorObserver? observer = null, Meter? meter = null) =>
        new(new ThreadPoolScheduler(TimeProvider.System), new ActorSystemOptions
        {
            Name = "test", Observer = observer ?? ActorObserver.None, Meter = meter,
        });

    [Fact]
    public async Task One_message_at_a_time_and_in_order_of_each_sender_under_load()
    {
        const int Senders = 4, Each = 20_000;
        await using var system = NewSystem();
        var last = new int[Senders];
        int inside = 0, overlaps = 0, disorder = 0, seen = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var props = Probes.Of<(int Sender, int Number)>("counter", (message, _) =>
        {
            overlaps += Interlocked.Exchange(ref inside, 1);
            disorder += message.Number == last[message.Sender] + 1 ? 0 : 1;
            last[message.Sender] = message.Number;
            if (++seen == Senders * Each)
            {
                done.SetResult();
            }

            Interlocked.Exchange(ref inside, 0);
        }) with { MailboxCapacity = Senders * Each };
        var actor = system.Spawn(props);

        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() =>
        {
            for (var number = 1; number <= Each; number++)
            {
                Assert.Equal(TellResult.Accepted, actor.Tell((sender, number)));
            }
        }, TestContext.Current.CancellationToken)));
        await done.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal((0, 0), (overlaps, disorder));
    }

    [Fact]
    public async Task Many_actors_pass_a_token_around_and_none_is_forgotten()
    {
        const int Actors = 50, Rounds = 200;
        await using var system = NewSystem();
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ring = new ActorRef<int>[Actors];
        for (var i = 0; i < Actors; i++)
        {
            var next = (i + 1) % Actors;
            ring[i] = system.Spawn(Probes.Of<int>($"a{i}", (hop, _) =>
            {
                if (hop == Actors * Rounds)
                {
                    done.TrySetResult(hop);
                }
                else
                {
                    ring[next].Tell(hop + 1);
                }
            }));
        }

        ring[0].Tell(0);
        Assert.Equal(
            Actors * Rounds, await done.Task.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Asynchronous_work_answers_as_a_message_and_stopping_waits_for_its_end()
    {
        var order = new List<string>();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var system = NewSystem();
        system.Spawn(new Props<string>("worker", () => new Probe<string>
        {
            OnReceive = (message, _) => order.Add(message),
            OnStarted = context => context.Run(
                async ct =>
                {
                    started.SetResult();
                    var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    await using var registration = ct.Register(cancelled.SetResult);
                    await cancelled.Task;
                    order.Add("work has ended");
                    return "never delivered";
                },
                failure => failure.Message),
            OnStopped = reason => order.Add("stopped: " + reason.Text),
        }));
        await started.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        var reason = await system.StopAsync("enough", TestContext.Current.CancellationToken)
            .WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal("enough", reason.Text);
        Assert.Equal(["work has ended", "stopped: its parent 'test' ended or restarted"], order);
    }

    [Fact]
    public async Task Stopping_that_takes_too_long_names_who_still_runs()
    {
        var release = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var system = NewSystem();
        system.Spawn(new Props<string>("stubborn", () => new Probe<string>
        {
            OnReceive = (_, _) => { },
            OnStarted = context => context.Run(
                _ =>
                {
                    started.SetResult();
                    return release.Task;
                },
                failure => failure.Message),
        }));
        await started.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        using var impatient = new CancellationTokenSource();
        var stopping = system.StopAsync("enough", impatient.Token);
        await impatient.CancelAsync();

        var late = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopping);
        Assert.Contains("test/stubborn", late.Message, StringComparison.Ordinal);

        release.SetResult("done");
        await system.Terminated.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Every_message_to_a_stopping_actor_is_handled_or_a_dead_letter_and_none_is_lost()
    {
        var recorder = new Recorder();
        await using var system = NewSystem(recorder);
        for (var round = 0; round < 200; round++)
        {
            var handled = 0;
            var actor = system.Spawn(Probes.Of<int>($"a{round}", (_, _) => handled++));
            var before = system.Metrics.DeadLetters;
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var watcher = system.Spawn(new Props<StopReason>($"w{round}", () => new Probe<StopReason>
            {
                OnReceive = (_, _) => ended.TrySetResult(),
                OnStarted = context => context.Watch(actor, reason => reason),
            }));
            var telling = Task.Run(() =>
            {
                for (var i = 0; i < 100; i++)
                {
                    actor.Tell(i);
                }
            }, TestContext.Current.CancellationToken);
            actor.Stop("race");
            await telling.WaitAsync(Patience, TestContext.Current.CancellationToken);
            await ended.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
            var deadline = DateTime.UtcNow + Patience;
            while (handled + system.Metrics.DeadLetters - before < 100 && DateTime.UtcNow < deadline)
            {
                await Task.Yield();
            }

            Assert.Equal(100, handled + system.Metrics.DeadLetters - before);
            watcher.Stop("done");
        }
    }

    [Fact]
    public async Task Depths_and_dead_letters_are_on_the_meter()
    {
        using var meter = new Meter(ActorMetrics.MeterName);
        using var listener = new MeterListener();
        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        long dead = 0;
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) => depths[(string)tags[0].Value!] = value);
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            dead += string.Equals(instrument.Name, "colony_dead_letters_total", StringComparison.Ordinal) ? value : 0);
        listener.Start();

        var scheduler = new Simulation.SimulatedScheduler(1);
        var system = new ActorSystem(scheduler, new ActorSystemOptions { Meter = meter });
        var first = system.Spawn(Probes.Of<int>("s1", (_, _) => { }) with { Kind = "session" });
        var second = system.Spawn(Probes.Of<int>("s2", (_, _) => { }) with { Kind = "session" });
        first.Tell(1);
        second.Tell(1);
        second.Tell(2);
        listener.RecordObservableInstruments();
        Assert.Equal(3, depths["session"]);

        scheduler.Run(TimeSpan.FromSeconds(1));
        second.Stop("gone");
        scheduler.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(TellResult.Dead, second.Tell(3));
        Assert.Equal(1, dead);
        await Task.CompletedTask;
    }
}
