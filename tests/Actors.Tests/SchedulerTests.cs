using Colony.Actors.Simulation;

namespace Colony.Actors.Tests;

public sealed class SchedulerTests
{
    private static (ulong Hash, long Events, string Story) Play(ulong seed)
    {
        var scheduler = new SimulatedScheduler(seed);
        var node = scheduler.AddNode("n");
        var system = new ActorSystem(node, new ActorSystemOptions { Observer = node.Observer });
        var story = new List<string>();
        var collector = system.Spawn(Probes.Of<string>("collector", (m, _) => story.Add(m)));
        foreach (var name in new[] { "a", "b", "c" })
        {
            var actor = system.Spawn(new Props<int>(name, () => new Probe<int>
            {
                OnStarted = context => context.SchedulePeriodic(TimeSpan.Zero, TimeSpan.FromSeconds(1), 1),
                OnReceive = (_, _) => collector.Tell(name),
            }));
            actor.Tell(0);
        }

        scheduler.Run(TimeSpan.FromSeconds(10));
        return (scheduler.TraceHash, scheduler.Events, string.Concat(story));
    }

    [Fact]
    public void The_same_seed_gives_the_same_run_and_other_seeds_give_others()
    {
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(Play((ulong)i), Play((ulong)i)));
        Assert.Equal(20, Enumerable.Range(0, 20).Select(i => Play((ulong)i).Hash).Distinct().Count());
        Assert.True(Enumerable.Range(0, 20).Select(i => Play((ulong)i).Story).Distinct().Count() > 10);
    }

    [Fact]
    public void Events_happen_in_order_of_time_and_ties_are_drawn()
    {
        var firsts = new HashSet<string>(StringComparer.Ordinal);
        for (ulong seed = 0; seed < 30; seed++)
        {
            var scheduler = new SimulatedScheduler(seed);
            var order = new List<string>();
            scheduler.After(TimeSpan.FromSeconds(2), "late", () => order.Add("late"));
            scheduler.After(TimeSpan.FromSeconds(1), "x", () => order.Add("x"));
            scheduler.After(TimeSpan.FromSeconds(1), "y", () => order.Add("y"));
            scheduler.After(TimeSpan.FromSeconds(1), "never", () => order.Add("never")).Dispose();
            Assert.Equal(SimulationStop.Idle, scheduler.Run(TimeSpan.FromSeconds(3)));
            Assert.Equal(3, order.Count);
            Assert.Equal("late", order[2]);
            Assert.Equal(TimeSpan.FromSeconds(3), scheduler.Now);
            firsts.Add(order[0]);
        }

        Assert.Equal(["x", "y"], firsts.Order());
    }

    [Fact]
    public void A_run_stops_at_its_limits_and_goes_on_from_there()
    {
        var scheduler = new SimulatedScheduler(1);
        var count = 0;
        void Again()
        {
            count++;
            scheduler.After(TimeSpan.FromSeconds(1), "again", Again);
        }

        scheduler.After(TimeSpan.Zero, "again", Again);
        Assert.Equal(SimulationStop.EventLimit, scheduler.Run(TimeSpan.FromHours(1), maxEvents: 5));
        Assert.Equal(5, count);
        Assert.Equal(SimulationStop.TimeLimit, scheduler.Run(TimeSpan.FromSeconds(10)));
        Assert.Equal(11, count);
        Assert.Equal(SimulationStop.Done, scheduler.Run(TimeSpan.FromHours(1), done: () => count == 20));
    }

    [Fact]
    public async Task Work_that_leaves_the_simulated_thread_is_found_out()
    {
        var scheduler = new SimulatedScheduler(1);
        var system = new ActorSystem(scheduler);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var wentOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        system.Spawn(new Props<string>("a", () => new Probe<string>
        {
            OnReceive = (_, _) => { },
            OnStarted = context => context.Run(
                async ct =>
                {
                    await gone.Task;
                    wentOn.SetResult();
                    return "too late";
                },
                failure => failure.Message),
        }));
        scheduler.Run(TimeSpan.FromSeconds(1));
        gone.SetResult();
        await wentOn.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        // Its result reaches the mailbox a moment later, on that other thread.
        Exception? found = null;
        for (var i = 0; i < 1_000_000 && found is null; i++)
        {
            found = Record.Exception(() => scheduler.Run(scheduler.Now + TimeSpan.FromSeconds(1)));
            await Task.Yield();
        }

        Assert.Contains(
            "could not be replayed", Assert.IsType<InvalidOperationException>(found).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_crashed_node_does_nothing_more_and_starts_again_as_another_life()
    {
        var scheduler = new SimulatedScheduler(3);
        var node = scheduler.AddNode("n");
        var lives = new List<string>();
        node.Boot = () =>
        {
            var life = node.Crashes;
            var system = new ActorSystem(node);
            system.Spawn(new Props<int>("a", () => new Probe<int>
            {
                OnStarted = context => context.SchedulePeriodic(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 1),
                OnReceive = (_, _) => lives.Add($"{life}@{Math.Round(scheduler.Now.TotalSeconds)}"),
            }));
        };
        node.Boot();
        scheduler.After(TimeSpan.FromSeconds(2.5), "crash", node.Crash);
        scheduler.After(TimeSpan.FromSeconds(5), "restart", node.Restart);
        scheduler.Run(TimeSpan.FromSeconds(7.5));

        Assert.Equal(["0@1", "0@2", "1@6", "1@7"], lives);
    }

    [Fact]
    public void A_hung_node_does_everything_later_in_order()
    {
        var scheduler = new SimulatedScheduler(3);
        var node = scheduler.AddNode("n");
        var done = new List<(string, double)>();
        for (var i = 1; i <= 5; i++)
        {
            var name = $"e{i}";
            node.After(
                TimeSpan.FromSeconds(i), name, () => done.Add((name, Math.Round(scheduler.Now.TotalSeconds, 1))));
        }

        var cancelled = node.After(TimeSpan.FromSeconds(2.5), "no", () => done.Add(("no", 0)));
        scheduler.After(TimeSpan.FromSeconds(1.5), "hang", node.Hang);
        scheduler.After(TimeSpan.FromSeconds(3), "cancel", cancelled.Dispose);
        scheduler.After(TimeSpan.FromSeconds(4.5), "wake", node.Wake);
        scheduler.Run(TimeSpan.FromSeconds(10));

        Assert.Equal([("e1", 1), ("e2", 4.5), ("e3", 4.5), ("e4", 4.5), ("e5", 5)], done);
    }

    [Fact]
    public void A_wrong_clock_runs_its_timers_wrong_and_never_jumps()
    {
        var scheduler = new SimulatedScheduler(3);
        var node = scheduler.AddNode("n");
        var fired = TimeSpan.Zero;
        scheduler.Run(TimeSpan.FromSeconds(10));
        node.ClockRate = 2;
        var began = node.Time.GetTimestamp();
        using var timer = node.Time.CreateTimer(
            _ => fired = scheduler.Now, null, TimeSpan.FromSeconds(4), Timeout.InfiniteTimeSpan);
        scheduler.Run(TimeSpan.FromSeconds(13));
        node.ClockRate = 0.5;
        scheduler.Run(TimeSpan.FromSeconds(15));

        Assert.Equal(TimeSpan.FromSeconds(12), fired);
        Assert.Equal(TimeSpan.FromSeconds(7), node.Time.GetElapsedTime(began));
    }

    [Fact]
    public void Random_streams_are_the_published_sequence_and_independent_of_each_other()
    {
        // First outputs of SplitMix64 from state 1234567, as printed by the reference C code of Vigna.
        var random = new SeededRandom(1234567);
        Assert.Equal(
            [6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL],
            [random.NextUInt64(), random.NextUInt64(), random.NextUInt64()]);
        Assert.NotEqual(new SeededRandom(1, "a").NextUInt64(), new SeededRandom(1, "b").NextUInt64());
        Assert.NotEqual(new SeededRandom(1, "a").NextUInt64(), new SeededRandom(2, "a").NextUInt64());
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
        {
            counts[random.Next(7)]++;
        }

        Assert.All(counts, c => Assert.InRange(c, 9_500, 10_500));
    }
}
