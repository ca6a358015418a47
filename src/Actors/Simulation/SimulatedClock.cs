namespace Colony.Actors.Simulation;

/// <summary>
/// Virtual time as a <see cref="TimeProvider"/>: what <see cref="TimeProvider.System"/> is to production. A clock may
/// run fast or slow; its timers then do so too.
/// </summary>
internal sealed class SimulatedClock(SimulatedScheduler scheduler, Func<TimeSpan, Action, SimulatedEvent> after)
    : TimeProvider
{
    /// <summary>Where every simulated wall clock begins: a fixed moment, so that runs repeat.</summary>
    private static readonly DateTimeOffset s_epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private TimeSpan _baseLocal;
    private TimeSpan _baseTrue;
    private double _rate = 1;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Seconds this clock counts in one true second. Monotonic: a change of rate is no jump.</summary>
    public double Rate
    {
        get => _rate;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, 0);
            _baseLocal = Local;
            _baseTrue = scheduler.Now;
            _rate = value;
        }
    }

    private TimeSpan Local => _baseLocal + ((scheduler.Now - _baseTrue) * _rate);

    public override DateTimeOffset GetUtcNow() => s_epoch + Local;

    public override long GetTimestamp() => Local.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(SimulatedClock clock, TimerCallback callback, object? state) : ITimer
    {
        private SimulatedEvent? _pending;
        private TimeSpan _period;
        private bool _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_disposed)
            {
                return false;
            }

            _pending?.Dispose();
            _pending = null;
            _period = period;
            if (dueTime >= TimeSpan.Zero)
            {
                Arm(dueTime);
            }

            return true;
        }

        public void Dispose()
        {
            _disposed = true;
            _pending?.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Arm(TimeSpan dueTime) => _pending = clock.After(dueTime, Fire);

        private void Fire()
        {
            if (_disposed)
            {
                return; // it was due while the node hung, and was disposed of meanwhile
            }

            if (_period > TimeSpan.Zero)
            {
                Arm(_period);
            }

            callback(state);
        }
    }

    private SimulatedEvent After(TimeSpan local, Action action)
    {
        // Rounded up: a timer may not see a clock that stands before its due time.
        var trueDelay = _rate == 1 ? local : TimeSpan.FromTicks((long)Math.Ceiling(local.Ticks / _rate));
        return after(trueDelay, action);
    }
}
