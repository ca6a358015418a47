using System.Threading.Channels;

namespace Colony.Telemetry;

/// <summary>
/// The history of a run: <c>events.jsonl</c>, one JSON object a line with <c>time</c>, <c>event</c>, <c>source</c> and
/// the event's own fields. What high-cardinality facts there are (steps, epochs, hashes, paths) belong here and not in
/// labels. Writing never waits and never throws: lines go through a bounded queue to one writer, and what does not
/// fit, or cannot be written, is counted. Safe for several threads.
/// </summary>
public sealed class EventLog : IAsyncDisposable
{
    /// <summary>The most lines that wait for the writer.</summary>
    public const int MaxQueuedEvents = 4096;

    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    private readonly Channel<byte[]> _queue = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(MaxQueuedEvents) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Stream _stream;
    private readonly string _source;
    private readonly TimeProvider _clock;
    private readonly Task _writer;
    private long _lost;

    /// <summary>Writes to a stream, which is disposed with the log.</summary>
    /// <param name="stream">Where the lines go.</param>
    /// <param name="source">Who writes: <c>coordinator</c>, <c>worker-3</c>.</param>
    /// <param name="clock">What time it is.</param>
    public EventLog(Stream stream, string source, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(clock);
        (_stream, _source, _clock) = (stream, source, clock);
        _writer = Task.Run(WriteLinesAsync);
    }

    /// <summary>Events that were not written, because the queue was full or the file failed.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>
    /// Appends to a file that this process alone writes, made with its folder when it is not there. A last line that a
    /// killed process left unfinished is ended first, so that it spoils no other.
    /// </summary>
    /// <exception cref="IOException">The file cannot be opened; the message names it.</exception>
    public static EventLog Append(string path, string source, TimeProvider clock)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            if (file.Length > 0)
            {
                file.Seek(-1, SeekOrigin.End);
                if (file.ReadByte() != '\n')
                {
                    file.WriteByte((byte)'\n');
                }
            }

            return new EventLog(file, source, clock);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"cannot write the events to '{path}': {e.Message.ReplaceLineEndings(" ")} Choose another "
                + "directory.", e);
        }
    }

    /// <summary>
    /// Notes an event with its fields: <c>log.Write("step_committed", ("step", 12), ("seconds", 0.3))</c>.
    /// </summary>
    public void Write(string kind, params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var pairs = new KeyValuePair<string, object?>[fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            pairs[i] = new(fields[i].Name, fields[i].Value);
        }

        Enqueue(kind, pairs);
    }

    /// <summary>Notes an event with its fields.</summary>
    public void Write(string kind, IReadOnlyDictionary<string, object?> fields) => Enqueue(kind, [.. fields]);

    /// <summary>Writes what is queued, then closes the stream.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writer.ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private void Enqueue(string kind, KeyValuePair<string, object?>[] fields)
    {
        try
        {
            // Written out here, so that a field that changes later is noted as it was.
            if (_queue.Writer.TryWrite(EventLine.Write(_clock.GetUtcNow(), _source, kind, fields)))
            {
                return;
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A field's own code failed (a ToString, an enumerator): the caller's work must not stop over a note about
            // it.
        }

        Interlocked.Increment(ref _lost);
    }

    private async Task WriteLinesAsync()
    {
        var torn = false;
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var lines = 0L;
            try
            {
                while (_queue.Reader.TryRead(out var line))
                {
                    lines++;
                    if (torn)
                    {
                        // What the failed write left of its line is ended, so that it spoils no other.
                        await _stream.WriteAsync(LineEnd).ConfigureAwait(false);
                        torn = false;
                    }

                    await _stream.WriteAsync(line).ConfigureAwait(false);
                }

                await _stream.FlushAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // A full disk must not end training. Later lines are tried again: the disk may be freed.
                Interlocked.Add(ref _lost, lines);
                torn = true;
            }
        }
    }
}
