namespace Colony.Actors.Tests;

public sealed class LifeTests
{
    private readonly World _world = new();

    [Fact]
    public void A_full_mailbox_refuses_and_counts_and_takes_again_when_it_has_room()
    {
        var seen = new List<int>();
        var actor = _world.System.Spawn(Probes.Of<int>("small", (n, _) => seen.Add(n)) with { MailboxCapacity = 3 });

        Assert.Equal(
            [TellResult.Accepted, TellResult.Accepted, TellResult.Accepted, TellResult.Full],
            Enumerable.Range(0, 4).Select(actor.Tell));
        _world.Run();

        Assert.Equal(TellResult.Accepted, actor.Tell(9));
        _world.Run();
        Assert.Equal([0, 1, 2, 9], seen);
        Assert.Equal(1, _world.System.Metrics.Refused);
        Assert.Equal(["test/small"], _world.Recorder.Refusals);
    }

    [Fact]
    public void A_full_mailbox_does_not_keep_an_actors_own_timer_out()
    {
        var seen = new List<int>();
        var actor = _world.System.Spawn(new Props<int>("small", () => new Probe<int>
        {
            OnReceive = (n, _) => seen.Add(n),
            OnStarted = context => context.Schedule(TimeSpan.Zero, 7),
        }) { MailboxCapacity = 1 });
        actor.Tell(1);
        _world.Run();

        Assert.Contains(7, seen);
    }

    [Fact]
    public void What_waits_when_an_actor_stops_becomes_dead_letters_and_draining_handles_it_first()
    {
        var seen = new List<string>();
        var stopped = _world.System.Spawn(Probes.Of<string>("stopped", (m, _) => seen.Add(m)));
        var drained = _world.System.Spawn(Probes.Of<string>("drained", (m, _) => seen.Add(m)));
        stopped.Tell("s1");
        stopped.Stop("no more");
        drained.Tell("d1");
        drained.Tell("d2");
        drained.Drain("finish first");
        drained.Tell("d3");
        _world.Run();

        Assert.Equal(["d1", "d2"], seen);
        Assert.Equal(["d3", "s1"], _world.Recorder.DeadLetters.Select(l => (string)l.Message!).Order());
        Assert.Equal(2, _world.System.Metrics.DeadLetters);
        Assert.Equal(TellResult.Dead, stopped.Tell("s2"));
        Assert.Equal("test/stopped", _world.Recorder.DeadLetters.Last().Actor);
    }

    [Fact]
    public void A_watcher_hears_the_last_words_before_the_end_and_the_end_once()
    {
        var heard = new List<string>();
        _world.System.Spawn(new Props<string>("parent", () => new Probe<string>
        {
            OnReceive = (m, _) => heard.Add(m),
            OnStarted = context =>
            {
                var child = context.Spawn(Probes.Of<string>("child", (_, own) =>
                {
                    context.Self.Tell("result");
                    own.Stop("done");
                }));
                context.Watch(child, reason => "ended: " + reason.Text);
                child.Tell("go");
            },
        }));
        _world.Run();

        Assert.Equal(["result", "ended: done"], heard);
    }

    [Fact]
    public void Watching_the_dead_is_answered_and_an_ended_watch_is_silent()
    {
        var heard = new List<string>();
        var dead = _world.System.Spawn(Probes.Of<int>("dead", (_, _) => { }));
        var other = _world.System.Spawn(Probes.Of<int>("other", (_, _) => { }));
        dead.Stop("early");
        _world.Run();
        _world.System.Spawn(new Props<string>("watcher", () => new Probe<string>
        {
            OnReceive = (m, _) => heard.Add(m),
            OnStarted = context =>
            {
                context.Watch(dead, reason => "dead: " + reason.Text);
                context.Watch(other, _ => "other").Cancel();
            },
        }));
        _world.Run();
        other.Stop("late");
        _world.Run();

        Assert.Equal(["dead: early"], heard);
    }

    [Fact]
    public void Children_end_before_their_parent_and_a_name_is_free_again_afterwards()
    {
        var parent = _world.System.Spawn(new Props<int>("parent", () => new Probe<int>
        {
            OnReceive = (_, _) => { },
            OnStarted = context => context.Spawn(Probes.Of<int>("child", (_, _) => { })),
        }));
        Assert.Throws<ArgumentException>(() => _world.System.Spawn(Probes.Of<int>("parent", (_, _) => { })));
        _world.Run();
        Assert.Equal(["test/parent", "test/parent/child"], _world.System.Mailboxes().Select(m => m.Actor));
        parent.Stop("enough");
        _world.Run();

        Assert.Equal(["test/parent/child", "test/parent"], _world.Recorder.Stops.Select(s => s.Actor));
        Assert.Equal(StopKind.ParentStopped, _world.Recorder.Stops.First().Reason.Kind);
        Assert.Empty(_world.System.Mailboxes());
        _world.System.Spawn(Probes.Of<int>("parent", (_, _) => { }));
    }

    [Fact]
    public void Timers_come_when_due_and_a_cancelled_one_never_even_when_its_tick_waits_already()
    {
        var heard = new List<(double At, string What)>();
        _world.System.Spawn(new Props<string>("timed", () =>
        {
            IOwned? doomed = null;
            IOwned? periodic = null;
            return new Probe<string>
            {
                OnReceive = (m, _) =>
                {
                    heard.Add((Math.Round(_world.Now.TotalSeconds, 2), m));
                    doomed!.Cancel();
                    if (heard.Count(h => h.What == "tick") == 3)
                    {
                        periodic!.Cancel();
                    }
                },
                OnStarted = context =>
                {
                    context.Schedule(TimeSpan.FromSeconds(1), "once");
                    doomed = context.Schedule(TimeSpan.FromSeconds(1), "never");
                    // Of two timers due at the same moment the seed decides which is first, so this one comes later.
                    doomed.Cancel();
                    doomed = context.Schedule(TimeSpan.FromSeconds(1) + TimeSpan.FromTicks(5), "never");
                    periodic = context.SchedulePeriodic(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), "tick");
                },
            };
        }));
        _world.Run(20);

        Assert.Equal([(1, "once"), (2, "tick"), (3, "tick"), (4, "tick")], heard);
    }

    [Fact]
    public void Timers_watches_and_work_die_with_their_actor()
    {
        var other = _world.System.Spawn(Probes.Of<string>("other", (_, _) => { }));
        var heard = new List<string>();
        CancellationToken token = default;
        var actor = _world.System.Spawn(new Props<string>("mortal", () => new Probe<string>
        {
            OnReceive = (m, _) => heard.Add(m),
            OnStarted = context =>
            {
                context.SchedulePeriodic(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), "tick");
                context.Watch(other, _ => "other ended");
                context.Run(
                    async ct =>
                    {
                        token = ct;
                        await _world.Scheduler.DelayAsync(TimeSpan.FromHours(1), ct);
                        return "worked";
                    },
                    failure => failure.GetType().Name);
            },
        }));
        _world.Run(2.5);
        actor.Stop("end");
        _world.Run(1);
        other.Stop("end");
        _world.Run(7200);

        Assert.Equal(["tick", "tick"], heard);
        Assert.True(token.IsCancellationRequested);
        Assert.Contains("test/mortal", _world.Recorder.Stops.Select(s => s.Actor));
        Assert.Empty(_world.Recorder.DeadLetters);
        Assert.Equal(0, _world.Scheduler.QueuedEvents);
    }

    [Fact]
    public void Work_answers_in_virtual_time_and_its_failure_is_a_message_too()
    {
        var heard = new List<(double At, string What)>();
        _world.System.Spawn(new Props<string>("worker", () => new Probe<string>
        {
            OnReceive = (m, context) => heard.Add((Math.Round(_world.Now.TotalSeconds, 2), m + context.WorkInFlight)),
            OnStarted = context =>
            {
                context.Run(
                    async ct =>
                    {
                        await _world.Scheduler.DelayAsync(TimeSpan.FromSeconds(3), ct);
                        return "good";
                    },
                    failure => failure.Message);
                context.Run(
                    async ct =>
                    {
                        await _world.Scheduler.DelayAsync(TimeSpan.FromSeconds(5), ct);
                        throw new InvalidOperationException("bad");
                    },
                    failure => failure.Message);
                context.Run(
                    async ct =>
                    {
                        await _world.Scheduler.DelayAsync(TimeSpan.FromSeconds(1), ct);
                        return "cancelled";
                    },
                    failure => "cancelled too").Cancel();
            },
        }));
        _world.Run(10);

        Assert.Equal([(3, "good1"), (5, "bad0")], heard);
    }

    [Fact]
    public void A_context_that_has_ended_does_nothing_for_anyone()
    {
        IActorContext<int>? kept = null;
        var actor = _world.System.Spawn(new Props<int>("a", () => new Probe<int>
        {
            OnReceive = (_, _) => { },
            OnStarted = context => kept = context,
        }));
        _world.Run();
        actor.Stop("end");
        _world.Run();

        Assert.Throws<InvalidOperationException>(() => kept!.Schedule(TimeSpan.Zero, 1));
        Assert.Throws<InvalidOperationException>(() => kept!.Spawn(Probes.Of<int>("x", (_, _) => { })));
    }

    [Fact]
    public void What_an_actor_may_own_is_bounded()
    {
        Exception? refused = null;
        _world.System.Spawn(new Props<int>("greedy", () => new Probe<int>
        {
            OnReceive = (_, _) => { },
            OnStarted = context =>
            {
                for (var i = 0; i < ActorLimits.MaxOwned; i++)
                {
                    context.Schedule(TimeSpan.FromSeconds(1), i);
                }

                refused = Record.Exception(() => context.Schedule(TimeSpan.FromSeconds(1), -1));
            },
        }));
        _world.Run();

        Assert.IsType<InvalidOperationException>(refused);
    }
}
