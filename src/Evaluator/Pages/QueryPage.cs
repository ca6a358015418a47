using System.Globalization;
using System.Text;

namespace Colony.Evaluator;

/// <summary>What was asked.</summary>
/// <param name="Text">The words of a text query, or the name of the image asked with.</param>
/// <param name="Picture">The image asked with; null for a text query.</param>
public sealed record PageQuery(string Text, Picture? Picture = null);

/// <summary>One answer.</summary>
/// <param name="Id">The image's id, or the caption's.</param>
/// <param name="Score">Its score; higher is better.</param>
/// <param name="Captions">Captions to show, the most telling first; may be empty.</param>
/// <param name="Picture">The image; null when there is none to show.</param>
/// <param name="Expected">True for the answer that the data set holds right for the query.</param>
public sealed record PageHit(
    string Id, double Score, IReadOnlyList<string> Captions, Picture? Picture = null, bool Expected = false);

/// <summary>A page that shows the answers to one query.</summary>
public static class QueryPage
{
    /// <summary>Captions shown of one hit; the rest would only make the cards uneven.</summary>
    private const int MaximumCaptions = 5;

    /// <summary>The page as HTML; everything that comes from data is escaped.</summary>
    /// <param name="query">What was asked.</param>
    /// <param name="hits">The answers, best first.</param>
    /// <param name="facts">What to say about the search: model, step, index, time.</param>
    public static string Render(PageQuery query, IReadOnlyList<PageHit> hits, IReadOnlyList<PageFact> facts)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(hits);
        ArgumentNullException.ThrowIfNull(facts);
        var html = new StringBuilder();
        html.Append("<header><p class=\"kicker\">Colony search</p>");
        html.Append($"<h1>{PageShell.Text(query.Text)}</h1>");
        html.Append(PageShell.Facts(facts));
        if (query.Picture is { } picture)
        {
            html.Append($"<div class=\"asked card\">{Image(picture, "the image asked with")}</div>");
        }

        html.Append("</header>\n");
        html.Append(hits.Count == 0 ? "<p>Nothing was found: the index is empty.</p>" : "<ol class=\"hits\">\n");
        for (var place = 0; place < hits.Count; place++)
        {
            Hit(html, hits[place], place + 1, Fullness(hits, place));
        }

        html.Append(hits.Count == 0 ? "" : "</ol>");
        return PageShell.Page(query.Text, html.ToString());
    }

    /// <summary>Writes the page to a file, replacing it and making its folder.</summary>
    public static Task WriteAsync(
        string path,
        PageQuery query,
        IReadOnlyList<PageHit> hits,
        IReadOnlyList<PageFact> facts,
        CancellationToken cancellationToken) =>
        PageShell.WriteAsync(path, Render(query, hits, facts), cancellationToken);

    private static void Hit(StringBuilder html, PageHit hit, int place, double fullness)
    {
        var score = hit.Score.ToString("0.0000", CultureInfo.InvariantCulture);
        var percent = (100 * fullness).ToString("0.#", CultureInfo.InvariantCulture);
        html.Append($"<li class=\"hit card{(hit.Expected ? " expected" : "")}\">");
        html.Append(hit.Picture is { } picture ? Image(picture, hit.Captions.FirstOrDefault() ?? hit.Id) : "");
        html.Append("<div class=\"body\"><div class=\"row\">");
        html.Append(CultureInfo.InvariantCulture, $"<span class=\"rank\">{place}</span>");
        html.Append(hit.Expected ? "<span class=\"mark\">✓ the right one</span>" : "");
        html.Append($"<span class=\"score\">{score}</span></div>");
        html.Append($"<div class=\"meter\"><i style=\"width:{percent}%\"></i></div>");
        foreach (var caption in hit.Captions.Take(MaximumCaptions))
        {
            html.Append($"<p>{PageShell.Text(caption)}</p>");
        }

        html.Append($"<span class=\"id\">{PageShell.Text(hit.Id)}</span></div></li>\n");
    }

    private static string Image(Picture picture, string description) =>
        $"<img src=\"{PageShell.Text(picture.Source)}\" alt=\"{PageShell.Text(description)}\" loading=\"lazy\">";

    /// <summary>
    /// How full a hit's bar is: the best is full, the worst shown keeps a stump, so that distances can be seen.
    /// </summary>
    private static double Fullness(IReadOnlyList<PageHit> hits, int place)
    {
        const double Stump = 0.08;
        var (best, worst) = (hits[0].Score, hits[^1].Score);
        var share = best > worst ? (hits[place].Score - worst) / (best - worst) : 1;
        return double.IsFinite(share) ? Math.Clamp(Stump + ((1 - Stump) * share), 0, 1) : 0;
    }
}
