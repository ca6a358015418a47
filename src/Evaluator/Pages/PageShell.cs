using System.Net;
using System.Text;

namespace Colony.Evaluator;

/// <summary>
/// The frame of every result page: one file without scripts or outside parts, readable in light and dark, on a phone
/// and on paper. The content policy lets pictures in and nothing run, whatever a caption or a drawing holds.
/// </summary>
internal static class PageShell
{
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data: file: http: https:";

    private const string Style = """
        :root { color-scheme: light dark;
          --paper: #f7f6f3; --card: #ffffff; --ink: #1f2328; --soft: #5c6570; --line: #e0ddd6;
          --accent: #b45309; --good: #15803d; --bar: #ece8df;
          --s1: #b45309; --s2: #1d4ed8; --s3: #15803d; --s4: #a21caf; --s5: #0e7490; --s6: #be123c; }
        @media (prefers-color-scheme: dark) { :root {
          --paper: #15171a; --card: #1e2125; --ink: #e8e6e1; --soft: #9aa3ad; --line: #33383e;
          --accent: #f0a04b; --good: #4ade80; --bar: #2b3036;
          --s1: #f0a04b; --s2: #7aa7ff; --s3: #4ade80; --s4: #e879f9; --s5: #38bdd8; --s6: #fb7185; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
        main { max-width: 1120px; margin: 0 auto; padding: 32px 24px 64px; }
        header { margin-bottom: 28px; }
        .kicker { margin: 0; color: var(--soft); font-size: 13px; letter-spacing: .08em; text-transform: uppercase; }
        h1 { margin: 4px 0 8px; font-size: 30px; line-height: 1.2; font-weight: 650; overflow-wrap: anywhere; }
        h2 { margin: 36px 0 12px; font-size: 19px; font-weight: 620; }
        .facts { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 0; color: var(--soft); font-size: 14px; }
        .facts div { display: flex; gap: 6px; } .facts dt::after { content: ":"; }
        .facts dd { margin: 0; color: var(--ink); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
        .hits { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 18px;
          margin: 0; padding: 0; list-style: none; }
        .hit { display: flex; flex-direction: column; }
        .hit.expected { border-color: var(--good); box-shadow: 0 0 0 1px var(--good); }
        .hit img, .asked img { display: block; width: 100%; aspect-ratio: 4 / 3; object-fit: contain;
          background: var(--bar); }
        .asked { max-width: 320px; margin: 14px 0; }
        .body { padding: 12px 14px 14px; display: flex; flex-direction: column; gap: 8px; }
        .row { display: flex; justify-content: space-between; align-items: baseline; gap: 8px; }
        .rank { font-weight: 650; } .mark { color: var(--good); font-size: 13px; font-weight: 600; }
        .score { color: var(--soft); font-size: 14px; font-variant-numeric: tabular-nums; }
        .meter { height: 5px; border-radius: 3px; background: var(--bar); overflow: hidden; }
        .meter i { display: block; height: 100%; background: var(--accent); border-radius: 3px; }
        .hit p { margin: 0; overflow-wrap: anywhere; } .hit p + p { color: var(--soft); font-size: 14px; }
        .id { color: var(--soft); font-size: 12.5px; overflow-wrap: anywhere; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 18px; }
        figure { margin: 0; padding: 14px 16px 10px; } figcaption { font-weight: 600; }
        .chart { display: block; width: 100%; height: auto; }
        .chart text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
        .chart .grid { stroke: var(--line); stroke-width: 1; } .chart .axis { stroke: var(--soft); stroke-width: 1; }
        .chart .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .chart .level { fill: none; stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 5 4; }
        .legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 2px 0 4px;
          font-size: 13px; color: var(--soft); }
        .legend span::before { content: ""; display: inline-block; width: 14px; height: 3px; border-radius: 2px;
          margin: 0 6px 3px 0; background: currentColor; }
        .s1 { stroke: var(--s1); } .s2 { stroke: var(--s2); } .s3 { stroke: var(--s3); }
        .s4 { stroke: var(--s4); } .s5 { stroke: var(--s5); } .s6 { stroke: var(--s6); }
        .c1::before { color: var(--s1); } .c2::before { color: var(--s2); } .c3::before { color: var(--s3); }
        .c4::before { color: var(--s4); } .c5::before { color: var(--s5); } .c6::before { color: var(--s6); }
        table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: 9px 14px; text-align: right; border-bottom: 1px solid var(--line); }
        th { color: var(--soft); font-size: 13px; font-weight: 600; } tr:last-child td { border-bottom: 0; }
        th:first-child, td:first-child, td:nth-child(2), tr:last-child th:nth-child(2) { text-align: left; }
        .over th { padding-bottom: 0; border-bottom: 0; color: var(--ink); }
        .scroll { overflow-x: auto; }
        @media print { main { max-width: none; padding: 0; } .card { break-inside: avoid; } }
        """;

    /// <summary>A whole page around a body that is HTML already.</summary>
    public static string Page(string title, string body) =>
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="{Policy}">
        <title>{Text(title)}</title>
        <style>
        {Style}
        </style>
        </head>
        <body>
        <main>
        {body}
        </main>
        </body>
        </html>

        """;

    /// <summary>Text as HTML, fit for content and for quoted attributes.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Facts below a heading, as a list of terms.</summary>
    public static string Facts(IReadOnlyList<PageFact> facts)
    {
        var html = new StringBuilder("<dl class=\"facts\">");
        foreach (var fact in facts)
        {
            html.Append($"<div><dt>{Text(fact.Name)}</dt><dd>{Text(fact.Value)}</dd></div>");
        }

        return html.Append("</dl>").ToString();
    }

    /// <summary>Writes a page, making its folder.</summary>
    public static async Task WriteAsync(string path, string html, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        await File.WriteAllTextAsync(path, html, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>A fact shown on a page, for instance the step: name and value as text.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">Its value, with its unit.</param>
public sealed record PageFact(string Name, string Value);
