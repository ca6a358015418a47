using System.Diagnostics.Metrics;

namespace Colony.Actors;

/// <summary>The instruments of a system of actors, on the meter its options give.</summary>
public sealed class ActorMetrics
{
    /// <summary>The name a meter for actors should have.</summary>
    public const string MeterName = "Colony.Actors";

    private readonly Counter<long>? _deadLetters;
    private readonly Counter<long>? _refused;
    private readonly Counter<long>? _failures;
    private long _deadLetterCount;
    private long _refusedCount;
    private long _failureCount;

    internal ActorMetrics(Meter? meter, Func<IReadOnlyList<MailboxReading>> mailboxes)
    {
        meter?.CreateObservableGauge(
            "colony_mailbox_depth", () => Depths(mailboxes()), "{message}", "Messages that wait, by kind of actor");
        _deadLetters = meter?.CreateCounter<long>(
            "colony_dead_letters_total", "{message}", "Messages whose actor had ended");
        _refused = meter?.CreateCounter<long>(
            "colony_refused_messages_total", "{message}", "Messages refused by a full mailbox");
        _failures = meter?.CreateCounter<long>(
            "colony_actor_failures_total", "{failure}", "Failures of actors");
    }

    /// <summary>Messages whose actor had ended, since the system began.</summary>
    public long DeadLetters => Interlocked.Read(ref _deadLetterCount);

    /// <summary>Messages refused by a full mailbox, since the system began.</summary>
    public long Refused => Interlocked.Read(ref _refusedCount);

    /// <summary>Failures of actors, since the system began.</summary>
    public long Failures => Interlocked.Read(ref _failureCount);

    internal void CountDeadLetter(string kind) => Count(ref _deadLetterCount, _deadLetters, kind);

    internal void CountRefused(string kind) => Count(ref _refusedCount, _refused, kind);

    internal void CountFailure(string kind) => Count(ref _failureCount, _failures, kind);

    private static void Count(ref long total, Counter<long>? counter, string kind)
    {
        Interlocked.Increment(ref total);
        counter?.Add(1, new KeyValuePair<string, object?>("actor", kind));
    }

    private static IEnumerable<Measurement<int>> Depths(IReadOnlyList<MailboxReading> readings) =>
        readings.GroupBy(static r => r.Kind, StringComparer.Ordinal).Select(static kind => new Measurement<int>(
            kind.Sum(static r => r.Depth), new KeyValuePair<string, object?>("actor", kind.Key)));
}
