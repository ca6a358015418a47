using System.Text;

namespace Colony.Data;

/// <summary>
/// Says a scene in English five times over: all of it, two relations, an action, a count. Every caption names at
/// least two objects (or all there is, with the setting), nearly always with their colours, so that it picks its
/// scene out.
/// </summary>
internal sealed class CaptionGrammar
{
    public const int CaptionsPerScene = 5;

    /// <summary>Tries for a caption unlike its four neighbours before words are forced to differ.</summary>
    private const int MaxTries = 50;

    // "capt" as a number.
    private const ulong Tag = 0x63617074;

    private static readonly string[] Numbers = ["no", "one", "two", "three", "four"];

    private static readonly string[] Openings =
        ["A picture of", "A drawing of", "We can see", "The picture shows", "Here we see"];

    private static readonly string[] Lone = ["alone", "all by itself", "on its own"];

    private CounterRandom _random;

    public CaptionGrammar(ulong seed) => _random = CounterRandom.Keyed(Tag, seed);

    /// <summary>Five different captions.</summary>
    public IReadOnlyList<string> Captions(Scene scene)
    {
        var captions = new List<string>(CaptionsPerScene);
        for (var form = 0; form < CaptionsPerScene; form++)
        {
            var caption = Sentence(scene, form);
            for (var tries = 0; captions.Contains(caption, StringComparer.Ordinal) && tries < MaxTries; tries++)
            {
                caption = Sentence(scene, tries % CaptionsPerScene);
            }

            if (captions.Contains(caption, StringComparer.Ordinal))
            {
                throw new InvalidOperationException($"The grammar has no fifth sentence for {scene.Signature}.");
            }

            captions.Add(caption);
        }

        return captions;
    }

    /// <summary>The noun phrase with its article: "an orange ball", "a huge umbrella".</summary>
    internal static string WithArticle(string phrase)
        => ("aeiou".Contains(phrase[0], StringComparison.Ordinal) ? "an " : "a ") + phrase;

    private string Sentence(Scene scene, int form) => Finish(form switch
    {
        0 => $"{List(scene.Objects)} {Where(scene, scene.Objects)}",
        1 => scene.Objects.Count == 1 ? Single(scene) : Related(scene, "is "),
        2 => There(scene),
        3 => Acting(scene),
        _ => Shown(scene),
    });

    private string Single(Scene scene)
    {
        var only = scene.Objects[0];
        return $"{One(only)} is {_random.Pick(only.Kind.Actions)} {_random.Pick(Lone)} {Where(scene, scene.Objects)}";
    }

    private string Related(Scene scene, string link)
    {
        var (a, b) = Pair(scene);
        var ending = _random.Below(2) == 0 ? " " + Where(scene, [a, b]) : "";
        return $"{One(a)} {link}{Say(_random.Pick(Scene.Relations(a, b)))} {One(b)}{ending}";
    }

    private string There(Scene scene)
    {
        if (scene.Objects.Count == 1)
        {
            return $"There is {One(scene.Objects[0])} {Where(scene, scene.Objects)}";
        }

        var twins = Twins(scene);
        if (twins is not null)
        {
            return $"There are {List(twins)} {Where(scene, twins)}";
        }

        return "There is " + Related(scene, "");
    }

    private string Acting(Scene scene)
    {
        if (scene.Objects.Count == 1)
        {
            var only = scene.Objects[0];
            return $"{One(only)} {_random.Pick(only.Kind.Actions)} {Where(scene, scene.Objects)}";
        }

        var (a, b) = Pair(scene);
        var link = _random.Below(2) == 0 ? "is " : "";
        return Related(scene, a, b, $"{link}{_random.Pick(a.Kind.Actions)} ");
    }

    private string Related(Scene scene, SceneObject a, SceneObject b, string link)
    {
        var ending = _random.Below(2) == 0 ? " " + Where(scene, [a, b]) : "";
        return $"{One(a)} {link}{Say(_random.Pick(Scene.Relations(a, b)))} {One(b)}{ending}";
    }

    private string Shown(Scene scene)
    {
        var count = scene.Objects.Count;
        if (count > 1 && _random.Below(3) == 0)
        {
            return $"{Numbers[count]} things {Where(scene, scene.Objects)} : {List(scene.Objects)}";
        }

        return $"{_random.Pick(Openings)} {List(scene.Objects)} {Where(scene, scene.Objects)}";
    }

    private (SceneObject A, SceneObject B) Pair(Scene scene)
    {
        var first = _random.Below(scene.Objects.Count);
        var second = (first + 1 + _random.Below(scene.Objects.Count - 1)) % scene.Objects.Count;
        return (scene.Objects[first], scene.Objects[second]);
    }

    /// <summary>All objects of the first kind that is there more than once.</summary>
    private static SceneObject[]? Twins(Scene scene)
        => scene.Objects.GroupBy(o => o.Kind).Where(g => g.Count() > 1).Select(g => g.ToArray()).FirstOrDefault();

    private string Where(Scene scene, IReadOnlyList<SceneObject> about)
        => _random.Pick(about.All(o => o.Kind.InSky) ? scene.Setting.Sky : scene.Setting.Ground);

    private string One(SceneObject about) => WithArticle(Describe(about, about.Kind.Nouns).One);

    /// <summary>Objects in a row, those that sound alike counted: "two red balls, a dog and an orange cat".</summary>
    private string List(IReadOnlyList<SceneObject> objects)
    {
        var phrases = objects.GroupBy(o => (o.Kind, o.Colour, o.Size)).Select(group =>
        {
            var noun = Describe(group.First(), group.Key.Kind.Nouns);
            var count = group.Count();
            return count == 1 ? WithArticle(noun.One) : $"{Numbers[count]} {noun.Many}";
        }).ToArray();
        return phrases.Length == 1
            ? phrases[0]
            : string.Join(" , ", phrases[..^1]) + " and " + phrases[^1];
    }

    private Noun Describe(SceneObject about, IReadOnlyList<Noun> nouns)
    {
        // The usual name twice as often as any other; the size in three of four, the colour in fifteen of sixteen.
        var noun = nouns[Math.Max(0, _random.Below(nouns.Count + 1) - 1)];
        var words = new StringBuilder();
        if (about.Size.Words.Count > 0 && _random.Below(4) != 0)
        {
            words.Append(_random.Pick(about.Size.Words)).Append(' ');
        }

        if (_random.Below(16) != 0)
        {
            words.Append(about.Colour.Name).Append(' ');
        }

        return new Noun(words + noun.One, words + noun.Many);
    }

    private string Say(Relation relation) => relation switch
    {
        Relation.LeftOf => _random.Below(2) == 0 ? "to the left of" : "left of",
        Relation.RightOf => _random.Below(2) == 0 ? "to the right of" : "right of",
        Relation.Above => "above",
        Relation.Below => "below",
        _ => _random.Below(2) == 0 ? "next to" : "beside",
    };

    private static string Finish(string words) => char.ToUpperInvariant(words[0]) + words[1..] + " .";
}
