using System.Collections.Concurrent;
using System.Text;

namespace Colony.Telemetry;

/// <summary>All series of one name. Several instruments may share it; their counters add up.</summary>
internal sealed class Family(
    string name, string help, FamilyKind kind, double[] edges, bool adds, bool observed, int maxSeries)
{
    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly Lock _growth = new();

    public string Name => name;

    public FamilyKind Kind => kind;

    /// <summary>Whether its values come from callbacks at every page rather than as they happen.</summary>
    public bool IsObserved => observed;

    /// <summary>Records a value.</summary>
    /// <returns>False when the series is a new one and the family is full.</returns>
    public bool Record(string labels, double value)
    {
        if (!_series.TryGetValue(labels, out var series) && !TryAdd(labels, out series))
        {
            return false;
        }

        series.Record(value);
        return true;
    }

    /// <summary>Forgets all series: those of observable instruments are told anew at every page.</summary>
    public void Clear()
    {
        lock (_growth)
        {
            _series.Clear();
        }
    }

    /// <summary>Forgets the series that have a label, written as it stands in a label set.</summary>
    public void Forget(string label)
    {
        lock (_growth)
        {
            foreach (var labels in _series.Keys.Where(l => LabelText.Has(l, label)).ToArray())
            {
                _series.TryRemove(labels, out _);
            }
        }
    }

    public void Write(StringBuilder text)
    {
        var series = _series.Values.OrderBy(s => s.Labels, StringComparer.Ordinal).ToArray();
        if (series.Length == 0)
        {
            return;
        }

        if (help.Length > 0)
        {
            LabelText.AppendEscaped(text.Append("# HELP ").Append(name).Append(' '), help, quotes: false).Append('\n');
        }

        text.Append("# TYPE ").Append(name).Append(' ').Append(kind.ToString().ToLowerInvariant()).Append('\n');
        foreach (var one in series)
        {
            one.Write(text, name);
        }
    }

    private bool TryAdd(string labels, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Series? series)
    {
        lock (_growth)
        {
            if (_series.TryGetValue(labels, out series))
            {
                return true;
            }

            if (_series.Count >= maxSeries)
            {
                return false;
            }

            series = kind == FamilyKind.Histogram ? new HistogramSeries(labels, edges) : new ValueSeries(labels, adds);
            return _series.TryAdd(labels, series);
        }
    }
}
