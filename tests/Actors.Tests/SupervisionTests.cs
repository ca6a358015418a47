namespace Colony.Actors.Tests;

public sealed class SupervisionTests
{
    private readonly World _world = new();

    [Fact]
    public void A_failed_actor_begins_anew_after_longer_and_longer_pauses_and_keeps_its_mailbox()
    {
        var starts = new List<double>();
        var handled = new List<string>();
        var actor = _world.System.Spawn(new Props<string>("fragile", () => new Probe<string>
        {
            OnStarted = _ => starts.Add(Math.Round(_world.Now.TotalSeconds, 1)),
            OnReceive = (m, _) =>
            {
                if (m == "bad")
                {
                    throw new InvalidOperationException("bad");
                }

                handled.Add(m);
            },
        })
        {
            Supervision = Supervision.Restart(4) with
            {
                FirstDelay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(3),
            },
        });
        string[] messages = ["bad", "a", "bad", "bad", "b"];
        Assert.All(messages, m => Assert.Equal(TellResult.Accepted, actor.Tell(m)));
        _world.Run(30);

        Assert.Equal([0, 1, 3, 6], starts);
        Assert.Equal(["a", "b"], handled);
        Assert.Equal([1, 2, 3], _world.Recorder.Failures.Select(f => f.Delay.TotalSeconds));
        Assert.Equal(3, _world.System.Metrics.Failures);
    }

    [Fact]
    public void One_restart_too_many_within_the_window_stops_and_old_ones_do_not_count()
    {
        StopReason? end = null;
        var actor = _world.System.Spawn(Probes.Of<int>("fragile", (_, _) => throw new InvalidOperationException("no"))
            with { Supervision = Supervision.Restart(2) with { Window = TimeSpan.FromSeconds(10) } });
        _world.System.Spawn(new Props<int>("watcher", () => new Probe<int>
        {
            OnReceive = (_, _) => { },
            OnStarted = context => context.Watch(actor, reason =>
            {
                end = reason;
                return 0;
            }),
        }));
        foreach (var _ in Enumerable.Range(0, 5))
        {
            actor.Tell(1);
            _world.Run(6); // two in any ten seconds
        }

        Assert.Null(end);
        actor.Tell(1);
        actor.Tell(1);
        actor.Tell(1);
        _world.Run(1);

        Assert.Equal(StopKind.Failed, end?.Kind);
        Assert.Equal("no", end?.Cause?.Message);
    }

    [Fact]
    public void Stop_stops_and_a_failing_beginning_is_a_failure_like_any_other()
    {
        var made = 0;
        _world.System.Spawn(new Props<int>("stillborn", () =>
        {
            made++;
            throw new InvalidOperationException("cannot begin");
        }) { Supervision = Supervision.Stop() });
        _world.System.Spawn(new Props<int>("late", () =>
        {
            made++;
            return made < 4
                ? throw new InvalidOperationException("not yet")
                : new Probe<int> { OnReceive = (_, _) => { } };
        }));
        _world.Run(10);

        Assert.Equal(4, made);
        Assert.Equal(["test/late"], _world.System.Mailboxes().Select(m => m.Actor));
    }

    [Fact]
    public void Escalation_restarts_the_parent_and_with_it_every_child()
    {
        var begun = new List<string>();
        var restarted = new List<string>();
        var parent = _world.System.Spawn(new Props<string>("parent", () => new Probe<string>
        {
            OnReceive = (m, _) => { },
            OnRestarting = cause => restarted.Add(cause.GetType().Name + ": " + cause.InnerException?.Message),
            OnStarted = context =>
            {
                begun.Add("parent");
                foreach (var name in new[] { "weak", "strong" })
                {
                    var child = context.Spawn(new Props<string>(name, () => new Probe<string>
                    {
                        OnReceive = (m, _) => throw new InvalidOperationException(m),
                        OnStarted = _ => begun.Add(name),
                    }) { Supervision = Supervision.Escalate() });
                    if (begun.Count(b => b == "parent") == 1 && name == "weak")
                    {
                        child.Tell("broken invariant");
                    }
                }
            },
        }));
        _world.Run(5);

        Assert.Equal(["ChildFailedException: broken invariant"], restarted);
        Assert.Equal(2, begun.Count(b => b == "parent"));
        Assert.Equal(2, begun.Count(b => b == "weak"));
        Assert.Equal(2, begun.Count(b => b == "strong"));
        Assert.Equal(3, _world.System.Mailboxes().Count);
        Assert.Equal(TellResult.Accepted, parent.Tell("still here"));
    }

    [Fact]
    public async Task A_failure_escalated_past_the_last_actor_ends_the_system_and_says_why()
    {
        var actor = _world.System.Spawn(Probes.Of<int>("vital", (_, _) => throw new InvalidOperationException("dead"))
            with { Supervision = Supervision.Escalate() });
        _world.System.Spawn(Probes.Of<int>("bystander", (_, _) => { }));
        actor.Tell(1);
        _world.Run();

        Assert.True(_world.System.Terminated.IsCompletedSuccessfully);
        var reason = await _world.System.Terminated;
        Assert.Equal(StopKind.Failed, reason.Kind);
        Assert.Equal("test/vital", Assert.IsType<ChildFailedException>(reason.Cause).Child);
        Assert.Empty(_world.System.Mailboxes());
        Assert.Throws<InvalidOperationException>(() => _world.System.Spawn(Probes.Of<int>("late", (_, _) => { })));
    }

    [Fact]
    public void A_stop_during_the_pause_before_a_restart_ends_the_actor_at_once()
    {
        var starts = 0;
        var actor = _world.System.Spawn(new Props<int>("a", () => new Probe<int>
        {
            OnStarted = _ => starts++,
            OnReceive = (_, _) => throw new InvalidOperationException("x"),
        })
        {
            Supervision = Supervision.Restart() with
            {
                FirstDelay = TimeSpan.FromHours(1), MaxDelay = TimeSpan.FromHours(1),
            },
        });
        actor.Tell(1);
        _world.Run(1);
        actor.Stop("enough");
        _world.Run(1);
        Assert.Equal("enough", _world.Recorder.Stops.Single().Reason.Text);
        _world.Run(7200);

        Assert.Equal(1, starts);
    }

    [Fact]
    public void The_new_instance_owns_nothing_of_the_old_one()
    {
        var heard = new List<string>();
        var instance = 0;
        var actor = _world.System.Spawn(new Props<string>("a", () =>
        {
            var mine = ++instance;
            return new Probe<string>
            {
                OnStarted = context =>
                {
                    context.SchedulePeriodic(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), $"tick of {mine}");
                    context.Run(
                        async ct =>
                        {
                            await _world.Scheduler.DelayAsync(TimeSpan.FromSeconds(2.5), ct);
                            return $"work of {mine}";
                        },
                        failure => $"failure of {mine}");
                },
                OnReceive = (m, _) =>
                {
                    if (m == "fail")
                    {
                        throw new InvalidOperationException(m);
                    }

                    heard.Add(m);
                },
            };
        }));
        _world.Run(1.5);
        actor.Tell("fail");
        _world.Run(3);

        Assert.Equal(["tick of 1", "tick of 2", "tick of 2", "work of 2"], heard.Order());
    }

    [Fact]
    public void A_hook_that_throws_keeps_no_actor_from_its_end()
    {
        var actor = _world.System.Spawn(new Props<int>("a", () => new Probe<int>
        {
            OnReceive = (_, _) => throw new InvalidOperationException("x"),
            OnRestarting = _ => throw new InvalidOperationException("in restarting"),
            OnStopped = _ => throw new InvalidOperationException("in stopped"),
        }));
        actor.Tell(1);
        _world.Run(10);
        actor.Stop("end");
        _world.Run(10);

        Assert.Equal(["test/a"], _world.Recorder.Stops.Select(s => s.Actor));
    }
}
