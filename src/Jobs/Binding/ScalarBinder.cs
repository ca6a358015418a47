using System.Numerics;

namespace Colony.Jobs;

/// <summary>
/// Turns scalars into values of the simple types: text, truth values, whole numbers, numbers and enums.
/// </summary>
internal static class ScalarBinder
{
    private static readonly Dictionary<Type, Func<ScalarNode, (object? Value, string? Wrong)>> Readers = new()
    {
        [typeof(string)] = s => (s.Text, null),
        [typeof(bool)] = Truth,
        [typeof(byte)] = Whole<byte>,
        [typeof(short)] = Whole<short>,
        [typeof(int)] = Whole<int>,
        [typeof(uint)] = Whole<uint>,
        [typeof(long)] = Whole<long>,
        [typeof(ulong)] = Whole<ulong>,
        [typeof(float)] = s => Number(s, n => float.IsFinite((float)n) ? (float)n : null),
        [typeof(double)] = s => Number(s, n => n),
    };

    public static bool Reads(Type type) => type.IsEnum || Readers.ContainsKey(type);

    /// <summary>The value, or what is wrong and its cure in one sentence.</summary>
    public static (object? Value, string? Wrong) Read(Type type, ScalarNode scalar) =>
        type.IsEnum ? EnumValue(type, scalar) : Readers[type](scalar);

    /// <summary>The scalar that reads back as <paramref name="value"/>.</summary>
    public static ScalarNode Write(object value) => value switch
    {
        string text => new ScalarNode(default, text, Quoted: true),
        bool truth => new ScalarNode(default, truth ? "true" : "false", Quoted: false),
        double number => new ScalarNode(default, Scalars.Write(number), Quoted: false),
        float number => new ScalarNode(default, Scalars.Write(number), Quoted: false),
        Enum word => new ScalarNode(default, SnakeCase.Of(word.ToString()), Quoted: true),
        _ => new ScalarNode(default, Show.Number(value), Quoted: false),
    };

    private static (object? Value, string? Wrong) Truth(ScalarNode scalar) => scalar switch
    {
        { Quoted: false, Text: "true" } => (true, null),
        { Quoted: false, Text: "false" } => (false, null),
        _ => (null, $"{Show.Word(scalar.Text)} is neither true nor false; write one of them, without quotes"),
    };

    private static (object? Value, string? Wrong) Whole<T>(ScalarNode scalar)
        where T : INumber<T>, IMinMaxValue<T>
    {
        if (scalar.Quoted || !Scalars.TryInteger(scalar.Text, out var value))
        {
            return (null, $"{Show.Word(scalar.Text)} is not a whole number; write digits only, without quotes");
        }

        return value >= Int128.CreateSaturating(T.MinValue) && value <= Int128.CreateSaturating(T.MaxValue)
            ? (T.CreateChecked(value), null)
            : (null, $"{value} is out of range; write a whole number from {T.MinValue} to {T.MaxValue}");
    }

    private static (object? Value, string? Wrong) Number(ScalarNode scalar, Func<double, object?> convert) =>
        !scalar.Quoted && Scalars.TryNumber(scalar.Text, out var number) && convert(number) is { } value
            ? (value, null)
            : (null, $"{Show.Word(scalar.Text)} is not a finite number; write one like 0.001 or 1e-3, without quotes");

    private static (object? Value, string? Wrong) EnumValue(Type type, ScalarNode scalar)
    {
        var names = Enum.GetNames(type);
        var words = names.Select(SnakeCase.Of).ToArray();
        var index = Array.IndexOf(words, scalar.Text);
        return index >= 0
            ? (Enum.Parse(type, names[index]), null)
            : (null, $"{Show.Word(scalar.Text)} is unknown here; write one of {Show.Words(words)}");
    }
}
