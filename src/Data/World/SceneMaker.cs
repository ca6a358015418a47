namespace Colony.Data;

/// <summary>Draws scenes, each with contents that no other scene of the world has.</summary>
internal sealed class SceneMaker
{
    /// <summary>Tries for one scene before the world counts as full. Only tiny worlds of single objects ever
    /// repeat.</summary>
    private const int MaxTries = 1000;

    private const int Columns = 4;

    // "scen" as a number.
    private const ulong Tag = 0x7363656E;

    /// <summary>One object in eight scenes, then two, three and four as often as each other or a little
    /// more.</summary>
    private static readonly int[] CountOdds = [1, 2, 2, 2, 3, 3, 3, 4];

    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private CounterRandom _random;

    public SceneMaker(ulong seed) => _random = CounterRandom.Keyed(Tag, seed);

    public Scene Next()
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var scene = Draw();
            if (_made.Add(scene.Signature))
            {
                return scene;
            }
        }

        throw new DataException($"The world has no more different scenes after {_made.Count}; ask for fewer.");
    }

    private Scene Draw()
    {
        var setting = _random.Pick(SceneWords.Settings);
        var count = _random.Pick(CountOdds);

        // Two rows on the ground and one in the sky, four places each.
        int[] places = [.. Enumerable.Range(0, 2 * Columns)];
        int[] skyPlaces = [.. Enumerable.Range(0, Columns)];
        _random.Shuffle(places.AsSpan());
        _random.Shuffle(skyPlaces.AsSpan());
        var objects = new List<SceneObject>();
        Kind? last = null;
        for (var i = 0; i < count; i++)
        {
            // One in six repeats the kind before it, so that there is something to count.
            var kind = last is not null && _random.Below(6) == 0 ? last : _random.Pick(SceneWords.Kinds);
            var place = kind.InSky ? skyPlaces[i] : places[i];
            objects.Add(Place(kind, place));
            last = kind;
        }

        return new Scene(setting, objects);
    }

    private SceneObject Place(Kind kind, int place)
    {
        const double SkyMiddle = 82;
        const double BackBase = 304;
        const double FrontBase = 466;
        const double Sway = 6;
        var size = _random.Pick(SceneWords.Sizes);
        var colour = _random.Pick(SceneWords.Colours);
        var scale = size.Pixels / Math.Max(kind.Width, kind.Height);
        var (width, height) = (kind.Width * scale, kind.Height * scale);
        var room = (Scene.ColumnWidth - width) / 2;
        var x = (place % Columns * Scene.ColumnWidth) + room + _random.Between(-0.8 * room, 0.8 * room);
        var sway = _random.Between(-Sway, Sway);
        var y = kind.InSky
            ? SkyMiddle - (height / 2) + sway
            : (place < Columns ? BackBase : FrontBase) - height + sway;
        return new SceneObject(kind, colour, size, x, y, x + width, y + height);
    }
}
