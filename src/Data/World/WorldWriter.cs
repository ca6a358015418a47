using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Colony.Data;

/// <summary>
/// Writes a synthetic world of scenes in SCAN's arrangement, so that a first run needs no download and learns
/// something a person can look at. The same seed and options write the same bytes.
/// </summary>
public static class WorldWriter
{
    /// <summary>The most training scenes.</summary>
    public const int MaxScenes = 1_000_000;

    /// <summary>Writes train, dev and test; the folder is made where it is missing, files in it are
    /// replaced.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="scenes">Training scenes.</param>
    /// <param name="seed">The world's seed.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="cancellationToken">Stops between two scenes; what is written stays.</param>
    /// <exception cref="ValidationException">An option is out of its range.</exception>
    public static void Write(
        string folder, int scenes, ulong seed, WorldOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(scenes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scenes, MaxScenes);
        ArgumentNullException.ThrowIfNull(options);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        Directory.CreateDirectory(Path.Combine(folder, "svg"));

        // Evaluation splits first: more training scenes then change neither dev nor test.
        var maker = new SceneMaker(seed);
        (string Name, int Scenes)[] splits =
            [("dev", options.DevScenes), ("test", options.TestScenes), ("train", scenes)];
        for (var split = 0; split < splits.Length; split++)
        {
            var streamSeed = CounterRandom.Key(seed, (ulong)split);
            WriteSplit(folder, splits[split].Name, splits[split].Scenes, maker, streamSeed, options, cancellationToken);
        }

        File.WriteAllText(Path.Combine(folder, "README.txt"), Readme(scenes, seed, options));
    }

    private static void WriteSplit(
        string folder,
        string split,
        int scenes,
        SceneMaker maker,
        ulong seed,
        WorldOptions options,
        CancellationToken cancellationToken)
    {
        var grammar = new CaptionGrammar(seed);
        var synthesis = new SceneFeatures(seed, options);
        var features = new float[options.Regions * options.FeatureDim];
        var boxes = new float[options.Regions * 4];
        var whole = new float[options.FeatureDim];
        string Name(string rest) => Path.Combine(folder, $"{split}_{rest}");
        using var ims = NpyWriter.Create(Name("ims.npy"), NpyType.Float16, scenes, options.Regions, options.FeatureDim);
        using var global = NpyWriter.Create(Name("ims_global.npy"), NpyType.Float16, scenes, options.FeatureDim);
        using var boxFile = NpyWriter.Create(Name("boxes.npy"), NpyType.Float32, scenes, options.Regions, 4);
        using var sizes = NpyWriter.Create(Name("img_sizes.npy"), NpyType.Float32, scenes, 2);
        using var captions = new StreamWriter(Name("caps.txt")) { NewLine = "\n" };
        using var ids = new StreamWriter(Name("ids.txt")) { NewLine = "\n" };
        for (var i = 0; i < scenes; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var scene = maker.Next();
            synthesis.Fill(scene, features, boxes, whole);
            ims.Write(features);
            global.Write(whole);
            boxFile.Write(boxes);
            sizes.Write([Scene.Width, Scene.Height]);
            foreach (var caption in grammar.Captions(scene))
            {
                captions.WriteLine(caption);
            }

            var id = string.Create(CultureInfo.InvariantCulture, $"{split}-{i:D6}");
            ids.WriteLine(id);
            if (options.Drawings)
            {
                File.WriteAllText(Path.Combine(folder, "svg", id + ".svg"), SceneDrawing.Draw(scene));
            }
        }

        ims.Complete();
        global.Complete();
        boxFile.Complete();
        sizes.Complete();
    }

    private static string Readme(int scenes, ulong seed, WorldOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        A synthetic world of scenes, seed {seed}: {scenes} train, {options.DevScenes} dev and {options.TestScenes} test.

        A scene has one to four objects
        ({SceneWords.Kinds.Count} kinds, {SceneWords.Colours.Count} colours, {SceneWords.Sizes.Count} sizes)
        in one of {SceneWords.Settings.Count} settings. No two scenes hold the same things in the same setting,
        so nothing of dev or test occurs in train.

        split_ims.npy         N x {options.Regions} x {options.FeatureDim} float16:
                              regions, sums of fixed vectors for what is there, plus noise
        split_ims_global.npy  N x {options.FeatureDim} float16: one feature for the whole picture
        split_boxes.npy       N x {options.Regions} x 4 float32: x1, y1, x2, y2 of the regions in pixels
        split_img_sizes.npy   N x 2 float32: width and height in pixels
        split_caps.txt        {CaptionGrammar.CaptionsPerScene} captions a scene, in the order of the scenes
        split_ids.txt         the name of each scene
        svg/NAME.svg          the scene as a drawing

        """);
}
