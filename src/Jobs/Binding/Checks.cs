using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Colony.Jobs;

/// <summary>
/// Asks <c>DataAnnotations</c> about bound values and words their refusals with the value and the cure.
/// </summary>
internal static class Checks
{
    /// <summary>What follows the key's name in the message, or null when the value is fine.</summary>
    public static string? Wrong(ValidationAttribute check, object? value, string key) => check switch
    {
        _ when value is null => null,
        RequiredAttribute => value is "" ? " is empty; write a value" : null,
        RangeAttribute range => Each(value).Select(v => OutOfRange(range, v)).FirstOrDefault(w => w is not null),
        AllowedValuesAttribute allowed =>
            Each(value).Select(v => NotAllowed(allowed, v)).FirstOrDefault(w => w is not null),
        MinLengthAttribute minimum when Length(value) < minimum.Length =>
            $" has {Length(value)} {Unit(value)}; write at least {minimum.Length}",
        MaxLengthAttribute maximum when maximum.Length >= 0 && Length(value) > maximum.Length =>
            $" has {Length(value)} {Unit(value)}; write at most {maximum.Length}",
        MinLengthAttribute or MaxLengthAttribute => null,
        _ => check.IsValid(value) ? null : $": {check.FormatErrorMessage(key)}",
    };

    private static IEnumerable<object> Each(object value) =>
        value is IEnumerable items and not string ? items.Cast<object>() : [value];

    private static string? OutOfRange(RangeAttribute range, object value)
    {
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        var low = Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
        var high = Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
        var inside = (range.MinimumIsExclusive ? number > low : number >= low)
            && (range.MaximumIsExclusive ? number < high : number <= high);
        return inside ? null : $" is {Show.Number(value)}, out of range; write a number {Bounds(range)}";
    }

    private static string Bounds(RangeAttribute range)
    {
        var (low, high) = (Show.Number(range.Minimum), Show.Number(range.Maximum));
        if (range is { MinimumIsExclusive: false, MaximumIsExclusive: false })
        {
            return $"from {low} to {high}";
        }

        var from = range.MinimumIsExclusive ? "above" : "at least";
        var to = range.MaximumIsExclusive ? "below" : "at most";
        return $"{from} {low} and {to} {high}";
    }

    private static string? NotAllowed(AllowedValuesAttribute allowed, object value)
    {
        var words = allowed.Values.Select(v => Show.Number(v ?? "null")).ToList();
        var written = Show.Number(value);
        return words.Contains(written) ? null : $" is {Show.Word(written)}; write one of {Show.Words(words)}";
    }

    private static int Length(object value) => value is string text ? text.Length : ((ICollection)value).Count;

    private static string Unit(object value) => value is string ? "characters" : "items";
}
