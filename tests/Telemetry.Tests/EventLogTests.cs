using System.Text;
using System.Text.Json;
using Colony.Testing;

namespace Colony.Telemetry.Tests;

public sealed class EventLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FixedClock _clock = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_event_is_one_line_with_time_kind_source_and_fields()
    {
        await using (var log = EventLog.Append(_folder["runs", "events.jsonl"], "worker-3", _clock))
        {
            log.Write("step_committed", ("step", 12L), ("seconds", 0.25), ("why", "a \"b\"\nc"), ("none", null));
            log.Write("odd", new Dictionary<string, object?>
            {
                ["inf"] = double.PositiveInfinity,
                ["list"] = new[] { 1, 2 },
                ["wait"] = TimeSpan.FromSeconds(1.5),
                ["hash"] = ulong.MaxValue,
                ["time"] = "mine",
                ["long"] = new string('x', 100_000),
            });
        }

        var lines = await File.ReadAllLinesAsync(_folder["runs", "events.jsonl"], Ct);
        Assert.Equal(2, lines.Length);
        Assert.Equal(
            """{"time":"2024-01-02T03:04:05.678Z","event":"step_committed","source":"worker-3","""
            + """ "step":12,"seconds":0.25,"why":"a \"b\"\nc","none":null}""".TrimStart(),
            lines[0]);
        using var odd = JsonDocument.Parse(lines[1]);
        Assert.Equal("+Inf", odd.RootElement.GetProperty("inf").GetString());
        Assert.Equal(2, odd.RootElement.GetProperty("list").GetArrayLength());
        Assert.Equal(1.5, odd.RootElement.GetProperty("wait").GetDouble());
        Assert.Equal(ulong.MaxValue, odd.RootElement.GetProperty("hash").GetUInt64());
        Assert.Equal("mine", odd.RootElement.GetProperty("time_field").GetString());
        Assert.Equal(EventLine.MaxTextLength, odd.RootElement.GetProperty("long").GetString()!.Length);
    }

    [Fact]
    public async Task A_second_process_goes_on_after_a_line_that_was_cut()
    {
        await File.WriteAllTextAsync(_folder["e"], "{\"event\":\"a\"}\n{\"event\":\"cu", Ct);
        await using (var log = EventLog.Append(_folder["e"], "x", _clock))
        {
            log.Write("next");
        }

        var lines = await File.ReadAllLinesAsync(_folder["e"], Ct);
        Assert.Equal(3, lines.Length);
        Assert.Contains("\"event\":\"next\"", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threads_do_not_mix_their_lines_and_none_is_lost_below_the_bound()
    {
        await using (var log = EventLog.Append(_folder["e"], "x", _clock))
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(
                () =>
                {
                    for (var i = 0; i < 500; i++)
                    {
                        log.Write("tick", ("thread", thread), ("i", i));
                    }
                },
                Ct)));
            Assert.Equal(0, log.Lost);
        }

        var lines = await File.ReadAllLinesAsync(_folder["e"], Ct);
        Assert.Equal(2000, lines.Length);
        foreach (var line in lines)
        {
            JsonDocument.Parse(line).Dispose();
        }
    }

    [Fact]
    public async Task A_writer_that_hangs_or_fails_holds_nobody_up_and_is_counted()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new EventLog(new GatedStream(gate.Task), "x", _clock);
        for (var i = 0; i < EventLog.MaxQueuedEvents + 100; i++)
        {
            log.Write("tick", ("i", i));
        }

        // One line may be in the writer's hands, the bound is in the queue.
        Assert.InRange(log.Lost, 99, 100);
        gate.SetException(new IOException("the disk is full"));
        await log.DisposeAsync();
        Assert.Equal(EventLog.MaxQueuedEvents + 100, log.Lost);
        log.Write("after the end");
        Assert.Equal(EventLog.MaxQueuedEvents + 101, log.Lost);
    }

    [Fact]
    public async Task Half_a_line_of_a_write_that_failed_spoils_no_other()
    {
        var stream = new FullOnceStream();
        var log = new EventLog(stream, "x", _clock);
        log.Write("one");
        await stream.Failed.WaitAsync(TestContext.Current.CancellationToken);
        log.Write("two");
        log.Write("three");
        await log.DisposeAsync();
        Assert.Equal(1, log.Lost);
        var lines = Encoding.UTF8.GetString(stream.ToArray()).TrimEnd('\n').Split('\n');
        Assert.Equal(
            ["two", "three"],
            lines[1..].Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()));
        Assert.Equal(3, lines.Length);
    }

    [Fact]
    public async Task A_field_that_cannot_be_written_throws_nothing_at_the_caller()
    {
        await using var log = EventLog.Append(_folder["e"], "x", _clock);
        log.Write("bad", ("field", new Thrower()));
        Assert.Equal(1, log.Lost);
    }

    [Fact]
    public async Task A_path_that_cannot_be_opened_is_named()
    {
        await File.WriteAllTextAsync(_folder["file"], "", Ct);
        var e = Assert.ThrowsAny<IOException>(() => EventLog.Append(_folder["file", "e"], "x", _clock));
        Assert.Contains(_folder["file", "e"], e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sentence_is_said_when_it_is_a_new_one()
    {
        var said = new List<string>();
        var logger = new ChangeLogger(said.Add);
        Assert.True(logger.Say("waiting for 2 workers"));
        Assert.False(logger.Say("waiting for 2 workers"));
        Assert.True(logger.Say("waiting for 1 worker"));
        Assert.True(logger.Say("waiting for 2 workers"));
        Assert.Equal(3, said.Count);
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2024, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    }

    private sealed class Thrower
    {
        public override string ToString() => throw new InvalidOperationException();
    }

    /// <summary>Takes half of the first write and fails, as a disk does that is full for a while.</summary>
    private sealed class FullOnceStream : MemoryStream
    {
        private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Failed => _failed.Task;

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!Failed.IsCompleted)
            {
                await base.WriteAsync(buffer[..(buffer.Length / 2)], cancellationToken);
                _failed.SetResult();
                throw new IOException("the disk is full");
            }

            await base.WriteAsync(buffer, cancellationToken);
        }
    }

    private sealed class GatedStream(Task gate) : MemoryStream
    {
        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(gate);
    }
}
