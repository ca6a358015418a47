namespace Colony.Data;

/// <summary>A noun as captions use it.</summary>
internal sealed record Noun(string One, string Many);

/// <summary>A kind of object: what it is called, what it does, where it may be and the proportions of its
/// drawing.</summary>
/// <param name="Nouns">Its names, the usual one first.</param>
/// <param name="Actions">Words that follow "is".</param>
/// <param name="InSky">Whether it hangs in the sky or stands on the ground.</param>
/// <param name="Width">Width of its drawing, in the drawing's own units.</param>
/// <param name="Height">Height of its drawing.</param>
internal sealed record Kind(
    IReadOnlyList<Noun> Nouns, IReadOnlyList<string> Actions, bool InSky, double Width, double Height)
{
    public string Name => Nouns[0].One;
}

/// <summary>A colour with the three tones its drawing needs.</summary>
internal sealed record Colour(string Name, string Tone, string Dark, string Light);

/// <summary>A size: how many pixels the longer side has, and the words for it (none for the one in the
/// middle).</summary>
internal sealed record ObjectSize(string Name, double Pixels, IReadOnlyList<string> Words);

/// <summary>Where a scene takes place, in words for what stands and for what flies there, and in colours.</summary>
internal sealed record Setting(
    string Name,
    IReadOnlyList<string> Ground,
    IReadOnlyList<string> Sky,
    string SkyTop,
    string SkyBottom,
    string Land,
    string LandDark);

/// <summary>Everything a scene can be made of.</summary>
internal static class SceneWords
{
    public static readonly IReadOnlyList<Kind> Kinds =
    [
        new([new("ball", "balls")], ["lying", "resting"], false, 100, 100),
        new([new("box", "boxes"), new("crate", "crates")], ["standing", "lying"], false, 100, 100),
        new([new("cup", "cups"), new("mug", "mugs")], ["standing"], false, 100, 100),
        new([new("dog", "dogs"), new("puppy", "puppies")], ["standing", "waiting", "playing"], false, 126, 100),
        new([new("cat", "cats"), new("kitten", "kittens")], ["sitting", "resting", "waiting"], false, 100, 112),
        new([new("tree", "trees")], ["growing", "standing"], false, 92, 120),
        new([new("house", "houses"), new("cottage", "cottages")], ["standing"], false, 112, 104),
        new([new("car", "cars")], ["parked", "waiting"], false, 132, 70),
        new([new("flower", "flowers")], ["growing", "blooming"], false, 84, 116),
        new([new("umbrella", "umbrellas")], ["standing"], false, 110, 112),
        new([new("bird", "birds")], ["flying", "gliding"], true, 120, 84),
        new([new("star", "stars")], ["shining"], true, 100, 96),
        new([new("balloon", "balloons")], ["floating", "drifting"], true, 70, 128),
        new([new("airplane", "airplanes"), new("plane", "planes")], ["flying"], true, 140, 72),
        new([new("kite", "kites")], ["flying", "floating"], true, 84, 128),
    ];

    public static readonly IReadOnlyList<Colour> Colours =
    [
        new("red", "#e04a4f", "#9c2730", "#f08a8c"),
        new("orange", "#f28c28", "#ad5a0c", "#f9b978"),
        new("yellow", "#f7d038", "#b98f0e", "#fbe68c"),
        new("green", "#43ad5c", "#246e38", "#8bd39b"),
        new("blue", "#3d7fdb", "#22509b", "#8fb5ee"),
        new("purple", "#8f5fd1", "#5a3694", "#bf9fe6"),
        new("white", "#f7f8fa", "#8d97a3", "#ffffff"),
        new("brown", "#94623c", "#5c3a20", "#c39a78"),
    ];

    public static readonly IReadOnlyList<ObjectSize> Sizes =
    [
        new("small", 72, ["small", "little", "tiny"]),
        new("medium", 106, []),
        new("large", 140, ["large", "big", "huge"]),
    ];

    public static readonly IReadOnlyList<Setting> Settings =
    [
        new("meadow", ["on the grass", "in a green meadow"], ["over the grass", "above a green meadow"],
            "#8ec9f5", "#e3f4ff", "#8cc96b", "#79b659"),
        new("snow", ["in the snow", "on a snowy field"], ["over the snow", "above a snowy field"],
            "#b9cfe2", "#eef4fa", "#e6eef5", "#cbd9e6"),
        new("beach", ["on the beach", "on the sand"], ["over the beach", "above the sand"],
            "#6fc5ef", "#d7f1fb", "#f0d9a4", "#e0c487"),
        new("night", ["at night", "under a dark sky"], ["at night", "in the dark sky"],
            "#17233f", "#3d4f7d", "#4a6b52", "#3d5a45"),
        new("sunset", ["at sunset", "under an orange sky"], ["at sunset", "in an orange sky"],
            "#f08a5d", "#fbd9a5", "#b9a06a", "#a38b58"),
    ];
}
