using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>The golden files of one published work: how they are named and what they say about the model.</summary>
/// <param name="Model">The model's name in the registry.</param>
/// <param name="Pattern">The files.</param>
/// <param name="Setup">Makes model and objective as a file says.</param>
internal sealed record GoldenFamily(string Model, string Pattern, Func<string, NpzFile, GoldenSetup> Setup)
{
    public static IReadOnlyList<GoldenFamily> All { get; } =
    [
        new("tern", "tern_*.npz", (_, numbers) => new TernSettings(numbers).Setup),
        new("kaylode_tern", "ktern_*.npz", (file, numbers) => new KaylodeSettings(file, numbers).Setup),
        new("vse", "vsepp_*.npz", VseSettings.Of),
        new("vse_infinity", "vse_infty_*.npz", VseInfinitySettings.Of),
        new("vsrn", "vsrn_*.npz", VsrnSettings.Of),
        new("selfalign_vsrn", "selfalign_vsrn_*.npz", SelfAlignSettings.Vsrn) { TakesMore = true },
        new("selfalign_camera", "selfalign_camera*.npz", SelfAlignSettings.Camera) { TakesMore = true },
        new("hrem", "hrem_*.npz", HremSettings.Of) { TakesMore = true },
        new("camera", "camera_*.npz", CameraSettings.Of),
    ];

    /// <summary>Whether the objective takes more than the embeddings. The files have the gradients of those alone, so
    /// it is compared behind its encoder only.</summary>
    public bool TakesMore { get; init; }

    /// <summary>The family of a file.</summary>
    public static GoldenFamily Of(string file) => All.Single(family =>
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(family.Pattern, file));
}
