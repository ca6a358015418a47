using System.Diagnostics.Metrics;
using Colony.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Colony.Telemetry.Tests;

public sealed class ExpositionTests : IDisposable
{
    private readonly Meter _meter = new("Colony.Test." + Guid.NewGuid().ToString("N"));
    private readonly PrometheusExposition _exposition;

    public ExpositionTests() => _exposition = Listen(PrometheusExposition.DefaultMaxSeries);

    public void Dispose()
    {
        _exposition.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void A_counter_adds_and_a_gauge_is_its_last_value()
    {
        var steps = _meter.CreateCounter<long>("colony_steps_committed_total", description: "Steps\nwith a \\ in it.");
        steps.Add(0);
        steps.Add(2);
        steps.Add(3);
        var workers = _meter.CreateUpDownCounter<int>("colony_workers");
        workers.Add(5);
        workers.Add(-2);
        var loss = _meter.CreateGauge<double>("colony_loss");
        loss.Record(7);
        loss.Record(0.25);
        Shows(
            "# HELP colony_steps_committed_total Steps\\nwith a \\\\ in it.\n"
            + "# TYPE colony_steps_committed_total counter\n"
            + "colony_steps_committed_total 5\n");
        Shows("# TYPE colony_workers gauge\ncolony_workers 3\n");
        Shows("# TYPE colony_loss gauge\ncolony_loss 0.25\n");
    }

    [Fact]
    public void A_histogram_has_its_edges_and_a_value_on_an_edge_is_below_it()
    {
        var duration = _meter.CreateHistogram<double>(
            "colony_step_duration_seconds",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1, 2] });
        foreach (var value in new[] { 0.5, 0.75, 2, 3, 100 })
        {
            duration.Record(value, new KeyValuePair<string, object?>("phase", "load"));
        }

        Shows(
            """
            # TYPE colony_step_duration_seconds histogram
            colony_step_duration_seconds_bucket{phase="load",le="0.5"} 1
            colony_step_duration_seconds_bucket{phase="load",le="1"} 2
            colony_step_duration_seconds_bucket{phase="load",le="2"} 3
            colony_step_duration_seconds_bucket{phase="load",le="+Inf"} 5
            colony_step_duration_seconds_sum{phase="load"} 106.25
            colony_step_duration_seconds_count{phase="load"} 5

            """);
    }

    [Theory]
    [InlineData("colony_recovery_duration_seconds", "2")]
    [InlineData("colony_checkpoint_duration_seconds", "300")]
    [InlineData("colony_step_duration_seconds", "0.005")]
    [InlineData("colony_chunk_bytes", "1048576")]
    public void Without_advice_the_edges_follow_the_name(string name, string edge)
    {
        _meter.CreateHistogram<double>(name).Record(1);
        Shows($"{name}_bucket{{le=\"{edge}\"}}");
    }

    [Fact]
    public void Observed_instruments_are_told_anew_at_every_page()
    {
        string[] workers = ["0", "1"];
        var seconds = 1.5;
        _meter.CreateObservableGauge(
            "colony_worker_up",
            () => workers.Select(w => new Measurement<int>(1, new KeyValuePair<string, object?>("worker", w))));
        _meter.CreateObservableCounter("colony_wait_seconds_total", () => seconds);
        Shows("colony_worker_up{worker=\"0\"} 1\ncolony_worker_up{worker=\"1\"} 1\n");
        Shows("colony_wait_seconds_total 1.5\n");
        workers = ["1"];
        seconds = 2;
        Shows("# TYPE colony_worker_up gauge\ncolony_worker_up{worker=\"1\"} 1\n");
        Shows("colony_wait_seconds_total 2\n");
    }

    [Fact]
    public void Tags_in_another_order_are_the_same_series_and_values_are_escaped()
    {
        var counter = _meter.CreateCounter<int>("colony_things_total");
        counter.Add(1, new("b", "x"), new("a", "quote \" slash \\ line \n"));
        counter.Add(1, new("a", "quote \" slash \\ line \n"), new("b", "x"));
        counter.Add(1, new("le", true), new("1-bad", null));
        Shows("colony_things_total{a=\"quote \\\" slash \\\\ line \\n\",b=\"x\"} 2\n");
        Shows("colony_things_total{tag_1_bad=\"\",tag_le=\"true\"} 1\n");
    }

    [Fact]
    public void Too_many_label_sets_are_dropped_and_counted_and_the_known_ones_go_on()
    {
        using var small = Listen(maxSeries: 3);
        var counter = _meter.CreateCounter<int>("colony_paths_total");
        for (var i = 0; i < 10; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("path", i));
        }

        counter.Add(1, new KeyValuePair<string, object?>("path", 2));
        var page = small.Render();
        Assert.Equal(
            3, page.Split('\n').Count(line => line.StartsWith("colony_paths_total{", StringComparison.Ordinal)));
        Assert.Contains("colony_paths_total{path=\"2\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains(
            "colony_telemetry_dropped_measurements_total{instrument=\"colony_paths_total\"} 7\n", page,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Series_of_one_who_is_gone_make_room_for_others()
    {
        using var small = Listen(maxSeries: 4);
        var histogram = _meter.CreateHistogram<double>("colony_waits_duration_seconds");
        foreach (var worker in new[] { "a", "b", "a\",worker=\"b", "aa" })
        {
            histogram.Record(1, new("worker", worker), new("phase", "load"));
        }

        small.Forget("colony_waits_duration_seconds", "worker", "a");
        small.Forget("colony_none_total", "worker", "b");
        histogram.Record(1, new("worker", "c"), new("phase", "load"));
        var page = small.Render();
        foreach (var (worker, there) in new[] { ("a", false), ("aa", true), ("b", true), ("c", true) })
        {
            Assert.Equal(
                there,
                page.Contains(
                    $"colony_waits_duration_seconds_count{{phase=\"load\",worker=\"{worker}\"}} 1\n",
                    StringComparison.Ordinal));
        }

        Assert.DoesNotContain("dropped_measurements_total{", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_break_the_rule_are_not_shown_and_counted()
    {
        Instrument[] bad =
        [
            _meter.CreateCounter<int>("colony_steps"),
            _meter.CreateGauge<int>("colony_steps_total"),
            _meter.CreateCounter<int>("Colony.Steps_total"),
            _meter.CreateHistogram<int>("colony_step_count"),
            _meter.CreateCounter<int>("colony__steps_total"),
        ];
        Assert.All(bad, instrument => Assert.NotNull(InstrumentNames.Problem(instrument)));
        Assert.Null(InstrumentNames.Problem(_meter.CreateCounter<int>("colony_steps_total")));
        Shows($"colony_telemetry_rejected_instruments_total {bad.Length}\n");
    }

    [Fact]
    public void Negative_additions_to_a_counter_are_dropped()
    {
        var counter = _meter.CreateCounter<double>("colony_sum_total");
        counter.Add(2);
        counter.Add(-1);
        counter.Add(double.NaN);
        Shows("colony_sum_total 2\n");
        Shows("colony_telemetry_dropped_measurements_total{instrument=\"colony_sum_total\"} 2\n");
    }

    [Fact]
    public void A_failing_callback_does_not_take_the_page_with_it()
    {
        _meter.CreateObservableGauge("colony_broken", new Func<int>(() => throw new InvalidOperationException()));
        _meter.CreateObservableGauge("colony_sound", () => 1);
        Shows("colony_sound 1\n");
    }

    [Fact]
    public async Task Many_threads_lose_no_addition()
    {
        const int Threads = 8, Additions = 20_000;
        var counter = _meter.CreateCounter<long>("colony_adds_total");
        var histogram = _meter.CreateHistogram<double>("colony_adds_seconds");
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(
            () =>
            {
                for (var i = 0; i < Additions; i++)
                {
                    counter.Add(1);
                    histogram.Record(1);
                }
            },
            TestContext.Current.CancellationToken)));
        Shows($"colony_adds_total {Threads * Additions}\n");
        Shows($"colony_adds_seconds_count {Threads * Additions}\n");
        Shows($"colony_adds_seconds_sum {Threads * Additions}\n");
    }

    [Fact]
    public void Any_labels_and_values_make_a_page_that_reads_back() => Check.One(
        Config.QuickThrowOnFailure,
        Prop.ForAll(
            ArbMap.Default.ArbFor<string?>(),
            ArbMap.Default.ArbFor<double>(),
            (label, value) =>
            {
                using var meter = new Meter(_meter.Name);
                using var exposition = Listen(5);
                meter.CreateGauge<double>("colony_any").Record(value, new KeyValuePair<string, object?>("x", label));
                var line = exposition.Render().Split('\n')
                    .Single(l => l.StartsWith("colony_any{", StringComparison.Ordinal));
                var (readLabel, readValue) = PageReader.Line(line);
                var expected = (label ?? "")[..Math.Min(LabelText.MaxValueLength, (label ?? "").Length)];
                return readLabel == expected && readValue.Equals(value);
            }));

    [Fact]
    public async Task Promtool_finds_nothing_to_say_about_a_full_page()
    {
        var promtool = Tools.Find("promtool", "install prometheus.");
        using var process = new ProcessMetrics();
        using var build = new BuildInfo();
        using var all = new PrometheusExposition(
            meter => meter == _meter || meter.Name is "Colony.Process" or "Colony.Build", maxSeries: 50);
        var steps = _meter.CreateCounter<int>("colony_steps_total", description: "Steps.");
        steps.Add(3, new KeyValuePair<string, object?>("k", "a\"\\\n"));
        _meter.CreateHistogram<double>("colony_step_duration_seconds", description: "Steps.").Record(.3);
        _meter.CreateObservableGauge("colony_ratio", () => double.PositiveInfinity, description: "A ratio.");
        var page = all.Render();
        Assert.Contains("process_open_fds", page, StringComparison.Ordinal);
        Assert.Contains("process_resident_memory_bytes", page, StringComparison.Ordinal);
        Assert.Contains("dotnet_gc_collections_total{generation=\"2\"}", page, StringComparison.Ordinal);
        Assert.Matches("colony_build_info\\{commit=\"[^\"]+\",version=\"[^\"]+\"\\} 1\n", page);
        var (code, output) = await ServerProcess.RunAsync(
            promtool, ["check", "metrics"], page, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.True(code == 0 && output.Length == 0, output + "\n" + page);

        (code, _) = await ServerProcess.RunAsync(
            promtool, ["check", "metrics"], page + "broken{\n", TimeSpan.FromSeconds(60),
            TestContext.Current.CancellationToken);
        Assert.NotEqual(0, code);
    }

    private PrometheusExposition Listen(int maxSeries) => new(meter => meter.Name == _meter.Name, maxSeries);

    private void Shows(string expected)
    {
        var page = _exposition.Render();
        Assert.Contains(expected.ReplaceLineEndings("\n"), page, StringComparison.Ordinal);
    }
}
