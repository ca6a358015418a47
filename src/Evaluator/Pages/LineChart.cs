using System.Globalization;
using System.Text;

namespace Colony.Evaluator;

/// <summary>One line of a chart.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Points">Its points by rising x; a y that is not finite leaves a gap.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points);

/// <summary>A point of a line.</summary>
/// <param name="X">Along the horizontal axis, for instance the step.</param>
/// <param name="Y">The value there.</param>
public readonly record struct ChartPoint(double X, double Y);

/// <summary>A line chart as an SVG figure that takes its colours from the page.</summary>
/// <param name="Title">Shown above the chart.</param>
/// <param name="XLabel">Name of the horizontal axis, with its unit.</param>
/// <param name="YLabel">Name of the vertical axis, with its unit.</param>
/// <param name="Series">The lines, at most six can be told apart.</param>
/// <param name="Level">A dashed level to compare with, such as chance; null for none.</param>
internal sealed record LineChart(
    string Title, string XLabel, string YLabel, IReadOnlyList<ChartSeries> Series, ChartLevel? Level = null)
{
    private const int Width = 560;
    private const int Height = 300;
    private const int Left = 76;
    private const int Right = 28;
    private const int Top = 14;
    private const int Bottom = 44;
    private const int XTicks = 6;
    private const int YTicks = 5;
    private const int Colours = 6;

    /// <summary>Points drawn of one line; more would be closer together than a screen's dots.</summary>
    private const int MaximumPoints = 600;

    /// <summary>Whether the vertical axis is logarithmic; what is not above 0 leaves a gap.</summary>
    public bool ByPowersOfTen { get; init; }

    /// <summary>The figure as HTML.</summary>
    public string Render()
    {
        var points = Series.SelectMany(s => s.Points).Where(p => double.IsFinite(p.Y)).ToList();
        var x = AxisScale.Over(points.Select(p => p.X), XTicks);
        var heights = points.Select(p => p.Y).Concat(Level is { } l ? [l.Y] : []);
        var y = ByPowersOfTen ? AxisScale.PowersOfTen(heights) : AxisScale.Over(heights, YTicks);
        var svg = new StringBuilder();
        svg.Append("<figure class=\"card\"><figcaption>").Append(PageShell.Text(Title)).Append("</figcaption>");
        Legend(svg);
        Add(svg, $"<svg class=\"chart\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" ");
        svg.Append($"aria-label=\"{PageShell.Text(Title)}\">");
        Axes(svg, x, y);
        if (Level is { } level)
        {
            svg.Append($"<path class=\"level\" d=\"M{At(Left)} {Down(y, level.Y)}H{At(Width - Right)}\"/>");
        }

        for (var i = 0; i < Series.Count; i++)
        {
            Add(svg, $"<path class=\"line s{(i % Colours) + 1}\" d=\"{Path(Thinned(Series[i].Points), x, y)}\"/>");
        }

        return svg.Append("</svg></figure>\n").ToString();
    }

    /// <summary>At most so many points: neighbours become their mean, so that a noisy line keeps its course.</summary>
    private static IReadOnlyList<ChartPoint> Thinned(IReadOnlyList<ChartPoint> points)
    {
        if (points.Count <= MaximumPoints)
        {
            return points;
        }

        var size = (points.Count + MaximumPoints - 1) / MaximumPoints;
        return [.. points.Chunk(size).Select(c => new ChartPoint(c.Average(p => p.X), c.Average(p => p.Y)))];
    }

    private void Legend(StringBuilder svg)
    {
        if (Series.Count + (Level is null ? 0 : 1) < 2)
        {
            return;
        }

        svg.Append("<div class=\"legend\">");
        for (var i = 0; i < Series.Count; i++)
        {
            Add(svg, $"<span class=\"c{(i % Colours) + 1}\">{PageShell.Text(Series[i].Name)}</span>");
        }

        svg.Append(Level is { } level ? $"<span>{PageShell.Text(level.Name)} (dashed)</span>" : "").Append("</div>");
    }

    private void Axes(StringBuilder svg, AxisScale x, AxisScale y)
    {
        foreach (var tick in y.Ticks)
        {
            svg.Append($"<path class=\"grid\" d=\"M{At(Left)} {Down(y, tick)}H{At(Width - Right)}\"/>");
            Add(svg, $"<text x=\"{Left - 8}\" y=\"{Down(y, tick)}\" dy=\".32em\" text-anchor=\"end\">");
            svg.Append($"{y.Label(tick)}</text>");
        }

        foreach (var tick in x.Ticks)
        {
            Add(svg, $"<path class=\"axis\" d=\"M{Along(x, tick)} {Height - Bottom}v5\"/>");
            Add(svg, $"<text x=\"{Along(x, tick)}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">");
            svg.Append($"{x.Label(tick)}</text>");
        }

        Add(svg, $"<path class=\"axis\" d=\"M{Left} {Height - Bottom}H{Width - Right}\"/>");
        Add(svg, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\">");
        svg.Append(PageShell.Text(XLabel)).Append("</text>");
        var middle = (Top + Height - Bottom) / 2;
        Add(svg, $"<text transform=\"translate(13 {middle}) rotate(-90)\" text-anchor=\"middle\">");
        svg.Append(PageShell.Text(YLabel)).Append("</text>");
    }

    private static string Path(IReadOnlyList<ChartPoint> points, AxisScale x, AxisScale y)
    {
        var path = new StringBuilder();
        var drawing = false;
        foreach (var point in points)
        {
            var finite = double.IsFinite(point.X) && double.IsFinite(y.Share(point.Y));
            if (finite)
            {
                path.Append(drawing ? 'L' : 'M').Append(Along(x, point.X)).Append(' ').Append(Down(y, point.Y));

                // A line of no length, so that a point with gaps on both sides still shows as a dot.
                path.Append(drawing ? "" : "h0");
            }

            drawing = finite;
        }

        return path.ToString();
    }

    private static void Add(StringBuilder svg, FormattableString markup) =>
        svg.Append(FormattableString.Invariant(markup));

    private static string Along(AxisScale x, double value) => At(Left + (x.Share(value) * (Width - Left - Right)));

    private static string Down(AxisScale y, double value) =>
        At(Height - Bottom - (y.Share(value) * (Height - Top - Bottom)));

    private static string At(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}

/// <summary>A level to compare a chart's lines with.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Y">Its height.</param>
public sealed record ChartLevel(string Name, double Y);
