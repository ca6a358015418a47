namespace Colony.Data;

/// <summary>
/// What a detector might see in a scene: for each object one region over all of it and up to two over parts, the rest
/// background. A feature is the sum of fixed prototypes (kind, colour and size of the object, or setting and a
/// texture of the background) plus noise; the prototypes depend on nothing but the dimension, so all worlds speak
/// one language.
/// </summary>
internal sealed class SceneFeatures
{
    private const int Textures = 4;
    private const int MaxParts = 2;

    // "prot" and "feat" as numbers.
    private const ulong PrototypeTag = 0x70726F74;
    private const ulong NoiseTag = 0x66656174;

    private readonly WorldOptions _options;
    private readonly Dictionary<string, float[]> _prototypes = new(StringComparer.Ordinal);
    private CounterRandom _random;

    public SceneFeatures(ulong seed, WorldOptions options)
    {
        _options = options;
        _random = CounterRandom.Keyed(NoiseTag, seed);
        string[] names =
        [
            .. SceneWords.Kinds.Select(k => "kind " + k.Name),
            .. SceneWords.Colours.Select(c => "colour " + c.Name),
            .. SceneWords.Sizes.Select(s => "size " + s.Name),
            .. SceneWords.Settings.Select(s => "setting " + s.Name),
            .. Enumerable.Range(0, Textures).Select(t => $"texture {t}"),
        ];
        for (var n = 0; n < names.Length; n++)
        {
            var random = CounterRandom.Keyed(PrototypeTag, (ulong)options.FeatureDim, (ulong)n);
            var values = new float[options.FeatureDim];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = random.Normal();
            }

            _prototypes.Add(names[n], values);
        }
    }

    /// <summary>Fills R·D features, R·4 boxes in pixels, and D of the whole picture: the mean over objects plus the
    /// setting.</summary>
    public void Fill(Scene scene, Span<float> features, Span<float> boxes, Span<float> whole)
    {
        var regions = Regions(scene);
        whole.Clear();
        for (var r = 0; r < regions.Count; r++)
        {
            var (names, box) = regions[r];
            var feature = features.Slice(r * _options.FeatureDim, _options.FeatureDim);
            feature.Clear();
            Add(feature, names, 1);
            AddNoise(feature);
            for (var edge = 0; edge < 4; edge++)
            {
                boxes[(r * 4) + edge] = (float)box[edge];
            }
        }

        foreach (var item in scene.Objects)
        {
            Add(whole, Names(item), 1f / scene.Objects.Count);
        }

        Add(whole, ["setting " + scene.Setting.Name], 0.5f);
        AddNoise(whole);
    }

    private static string[] Names(SceneObject item)
        => ["kind " + item.Kind.Name, "colour " + item.Colour.Name, "size " + item.Size.Name];

    private List<(string[] Names, double[] Box)> Regions(Scene scene)
    {
        var regions = new List<(string[], double[])>();
        foreach (var item in scene.Objects)
        {
            regions.Add((Names(item), [item.X1, item.Y1, item.X2, item.Y2]));
        }

        foreach (var item in scene.Objects)
        {
            var parts = Math.Min(_random.Below(MaxParts + 1), _options.Regions - regions.Count);
            for (var p = 0; p < parts; p++)
            {
                regions.Add((Names(item), Within(item.X1, item.Y1, item.X2, item.Y2, 0.5, 0.9)));
            }
        }

        while (regions.Count < _options.Regions)
        {
            string[] names = ["setting " + scene.Setting.Name, $"texture {_random.Below(Textures)}"];
            regions.Add((names, Within(0, 0, Scene.Width, Scene.Height, 0.1, 0.5)));
        }

        // A detector does not list the interesting things first.
        _random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(regions));
        return regions;
    }

    private double[] Within(double x1, double y1, double x2, double y2, double least, double most)
    {
        var width = (x2 - x1) * _random.Between(least, most);
        var height = (y2 - y1) * _random.Between(least, most);
        var x = _random.Between(x1, x2 - width);
        var y = _random.Between(y1, y2 - height);
        return [x, y, x + width, y + height];
    }

    private void Add(Span<float> feature, string[] names, float weight)
    {
        foreach (var name in names)
        {
            var prototype = _prototypes[name];
            for (var i = 0; i < feature.Length; i++)
            {
                feature[i] += weight * prototype[i];
            }
        }
    }

    private void AddNoise(Span<float> feature)
    {
        var noise = (float)_options.Noise;
        for (var i = 0; i < feature.Length; i++)
        {
            feature[i] += noise * _random.Normal();
        }
    }
}
