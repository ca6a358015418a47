using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Colony.Telemetry;

/// <summary>
/// Shows the instruments of all meters whose names begin with <see cref="Meters.Prefix"/> as a page of Prometheus' text
/// format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). It sees what is measured from its making on. An
/// instrument whose name breaks the rule of <see cref="Meters"/> is not shown, and counted. Safe for several threads.
/// </summary>
public sealed class PrometheusExposition : IDisposable
{
    /// <summary>The page's media type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>
    /// The most label sets of one instrument; measurements that would make another are dropped and counted.
    /// </summary>
    public const int DefaultMaxSeries = 1000;

    /// <summary>The most names on the page; instruments beyond are not shown, and counted.</summary>
    public const int MaxFamilies = 1000;

    private const string DroppedName = "colony_telemetry_dropped_measurements_total";
    private const string RejectedName = "colony_telemetry_rejected_instruments_total";

    private readonly ConcurrentDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly Family _dropped;
    private readonly Family _rejected;
    private readonly MeterListener _listener = new();
    private readonly Lock _page = new();
    private readonly Func<Meter, bool> _shown;
    private readonly int _maxSeries;

    /// <summary>Shows every meter of ours.</summary>
    public PrometheusExposition()
        : this(meter => meter.Name.StartsWith(Meters.Prefix, StringComparison.Ordinal), DefaultMaxSeries)
    {
    }

    /// <summary>Shows the meters chosen.</summary>
    /// <param name="shown">Chooses among all meters of the process.</param>
    /// <param name="maxSeries">The most label sets of one instrument.</param>
    public PrometheusExposition(Func<Meter, bool> shown, int maxSeries)
    {
        ArgumentNullException.ThrowIfNull(shown);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxSeries);
        (_shown, _maxSeries) = (shown, maxSeries);
        _dropped = OwnCounter(DroppedName, "Measurements not kept because their instrument has too many label sets.");
        _rejected = OwnCounter(RejectedName, "Instruments not shown because of their names or their number.");
        _rejected.Record("", 0);
        _listener.InstrumentPublished = OnPublished;
        _listener.SetMeasurementEventCallback<byte>((i, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<short>((i, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<int>((i, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<long>((i, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<float>((i, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<double>((i, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((i, value, tags, state) => Record(state, (double)value, tags));
        _listener.Start();
    }

    /// <summary>The page as of now.</summary>
    public string Render()
    {
        // One page at a time: observable series are forgotten and told anew, which two pages would do to each other.
        lock (_page)
        {
            foreach (var family in _families.Values.Where(f => f.IsObserved))
            {
                family.Clear();
            }

            Observe();
            var text = new StringBuilder();
            foreach (var family in _families.Values.OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                family.Write(text);
            }

            return text.ToString();
        }
    }

    /// <summary>Forgets the series of an instrument that have a label: whoever it names is gone, and others need the
    /// room. If measured again they begin anew, which Prometheus takes for a restart.</summary>
    /// <param name="instrument">The instrument's name.</param>
    /// <param name="label">The label.</param>
    /// <param name="value">Its value.</param>
    public void Forget(string instrument, string label, string value)
    {
        if (_families.TryGetValue(instrument, out var family))
        {
            family.Forget(LabelText.Write([new(label, value)]));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Observe()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One instrument's callback failed; the listener has called all the others. Monitoring must not fail with
            // what it watches, so the page goes out without that series, which an alert on absence finds.
            _dropped.Record("instrument=\"callback\"", 1);
        }
    }

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        if (!_shown(instrument.Meter))
        {
            return;
        }

        var family = InstrumentNames.Problem(instrument) is null ? FamilyOf(instrument) : null;
        if (family is null)
        {
            _rejected.Record("", 1);
            return;
        }

        listener.EnableMeasurementEvents(instrument, family);
    }

    /// <summary>The family of an instrument; null when there are too many, or another kind has the name.</summary>
    private Family? FamilyOf(Instrument instrument)
    {
        if (_families.Count >= MaxFamilies && !_families.ContainsKey(instrument.Name))
        {
            return null;
        }

        var kind = InstrumentNames.KindOf(instrument)!.Value;
        var family = _families.GetOrAdd(instrument.Name, _ => new Family(
            instrument.Name,
            instrument.Description ?? "",
            kind,
            kind == FamilyKind.Histogram ? EdgesOf(instrument) : [],
            Adds(instrument),
            instrument.IsObservable,
            _maxSeries));
        return family.Kind == kind && family.IsObserved == instrument.IsObservable ? family : null;
    }

    private static bool Adds(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        return type != typeof(Gauge<>) && type != typeof(ObservableGauge<>);
    }

    private static double[] EdgesOf(Instrument instrument)
    {
        IEnumerable<double>? advised = instrument switch
        {
            Histogram<double> h => h.Advice?.HistogramBucketBoundaries,
            Histogram<float> h => h.Advice?.HistogramBucketBoundaries?.Select(e => (double)e),
            Histogram<long> h => h.Advice?.HistogramBucketBoundaries?.Select(e => (double)e),
            Histogram<int> h => h.Advice?.HistogramBucketBoundaries?.Select(e => (double)e),
            _ => null,
        };
        return [.. (advised ?? HistogramBuckets.For(instrument.Name)).Distinct().Order()];
    }

    private Family OwnCounter(string name, string help) => _families.GetOrAdd(
        name, _ => new Family(name, help, FamilyKind.Counter, [], adds: true, observed: false, MaxFamilies));

    private void Record(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var family = (Family)state!;

        // A counter that falls is read as a restart, so what is negative or not a number is not added.
        var sound = family.Kind != FamilyKind.Counter || value >= 0;
        if (!sound || !family.Record(LabelText.Write(tags), value))
        {
            _dropped.Record($"instrument=\"{family.Name}\"", 1);
        }
    }
}
