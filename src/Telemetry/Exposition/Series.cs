using System.Diagnostics;
using System.Text;

namespace Colony.Telemetry;

/// <summary>One line, or for a histogram one block of lines, of a family.</summary>
internal abstract class Series(string labels)
{
    /// <summary>The inside of the label set.</summary>
    public string Labels { get; } = labels;

    public abstract void Record(double value);

    public abstract void Write(StringBuilder text, string name);

    protected static void WriteLine(StringBuilder text, string name, string suffix, string labels, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Numbers.Write(value)).Append('\n');
    }
}

/// <summary>A counter or a gauge.</summary>
internal sealed class ValueSeries(string labels, bool adds) : Series(labels)
{
    private long _bits;

    public override void Record(double value)
    {
        if (!adds)
        {
            Interlocked.Exchange(ref _bits, BitConverter.DoubleToInt64Bits(value));
            return;
        }

        long seen, sum;
        do
        {
            seen = Interlocked.Read(ref _bits);
            sum = BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(seen) + value);
        }
        while (Interlocked.CompareExchange(ref _bits, sum, seen) != seen);
    }

    public override void Write(StringBuilder text, string name) =>
        WriteLine(text, name, "", Labels, BitConverter.Int64BitsToDouble(Interlocked.Read(ref _bits)));
}

/// <summary>A histogram. Its lock is held for a few additions only, so that a page never shows a torn one.</summary>
internal sealed class HistogramSeries : Series
{
    private readonly Lock _lock = new();
    private readonly double[] _edges;
    private readonly string[] _edgeLabels;
    private readonly long[] _counts;
    private double _sum;

    public HistogramSeries(string labels, double[] edges)
        : base(labels)
    {
        Debug.Assert(edges.SequenceEqual(edges.Order()), "edges grow");
        var comma = labels.Length > 0 ? "," : "";
        _edges = edges;
        _edgeLabels = [.. edges.Append(double.PositiveInfinity).Select(e =>
            $"{labels}{comma}le=\"{Numbers.Write(e)}\"")];
        _counts = new long[edges.Length + 1];
    }

    public override void Record(double value)
    {
        // An edge belongs to the bucket below it: le means "less or equal".
        var found = Array.BinarySearch(_edges, value);
        var bucket = double.IsNaN(value) ? _edges.Length : found < 0 ? ~found : found;
        lock (_lock)
        {
            _counts[bucket]++;
            _sum += value;
        }
    }

    public override void Write(StringBuilder text, string name)
    {
        long[] counts;
        double sum;
        lock (_lock)
        {
            (counts, sum) = ((long[])_counts.Clone(), _sum);
        }

        var total = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            WriteLine(text, name, "_bucket", _edgeLabels[i], total);
        }

        WriteLine(text, name, "_sum", Labels, sum);
        WriteLine(text, name, "_count", Labels, total);
    }
}
