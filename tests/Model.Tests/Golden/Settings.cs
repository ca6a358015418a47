using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>Reads the numeric settings of a golden file.</summary>
internal static class Settings
{
    public static double Meta(this NpzFile numbers, string name) => numbers[$"meta/{name}"].Scalar();

    public static int Whole(this NpzFile numbers, string name) => (int)numbers.Meta(name);
}
