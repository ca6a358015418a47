namespace Colony.Data.Tests;

/// <summary>
/// Reads a caption back into what it names. Written from the lists of words alone, not from the grammar, so it
/// would not understand a caption that says nothing.
/// </summary>
internal sealed class CaptionReader
{
    private readonly List<(string Kind, string? Colour, string? Size, int Count)> _named = [];
    private string? _setting;

    public static CaptionReader Read(string caption)
    {
        var reader = new CaptionReader();
        string? colour = null;
        string? size = null;
        var count = 1;
        foreach (var token in Tokenizer.Tokenize(caption))
        {
            if (SceneWords.Colours.Any(c => c.Name == token))
            {
                colour = token;
            }
            else if (SceneWords.Sizes.FirstOrDefault(s => s.Words.Contains(token)) is { } named)
            {
                size = named.Name;
            }
            else if (SceneWords.Kinds.FirstOrDefault(
                k => k.Nouns.Any(n => n.One == token || n.Many == token)) is { } kind)
            {
                reader._named.Add((kind.Name, colour, size, count));
                (colour, size, count) = (null, null, 1);
            }
            else
            {
                count = token switch { "two" => 2, "three" => 3, "four" => 4, _ => count };
                colour = token is "meadow" or "sky" ? null : colour;
            }
        }

        var lower = caption.ToLowerInvariant();
        reader._setting = SceneWords.Settings
            .FirstOrDefault(s => s.Ground.Concat(s.Sky).Any(phrase => lower.Contains(phrase, StringComparison.Ordinal)))
            ?.Name;
        return reader;
    }

    public int Score(Scene scene)
    {
        var free = scene.Objects.ToList();
        var score = _setting is null ? 0 : _setting == scene.Setting.Name ? 3 : -3;
        foreach (var (kind, colour, size, count) in _named)
        {
            for (var i = 0; i < count; i++)
            {
                var best = free
                    .Where(o => o.Kind.Name == kind)
                    .Select(o => (
                        Object: o,
                        Points: 4 + (o.Colour.Name == colour ? 4 : 0) + (o.Size.Name == size ? 2 : 0)))
                    .OrderByDescending(o => o.Points)
                    .FirstOrDefault();
                if (best.Object is not null)
                {
                    score += best.Points;
                    free.Remove(best.Object);
                }
            }
        }

        return score;
    }
}
