using System.Globalization;

namespace Colony.Rpc;

/// <summary>The <c>grpc-timeout</c> field: one to eight digits and a unit (H M S m u n).</summary>
internal static class TimeoutHeader
{
    private const int MaxDigits = 8;
    private const long MaxValue = 99_999_999;

    /// <summary>No timer runs longer; a later deadline is as good as none.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    private static readonly (char Unit, long Ticks)[] Units =
    [
        ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute), ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>
    /// In the finest unit that fits, rounded up, so that the server is never more hasty than the caller.
    /// </summary>
    public static string Format(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            return "0n";
        }

        if (timeout.Ticks <= MaxValue / TimeSpan.NanosecondsPerTick)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{timeout.Ticks * TimeSpan.NanosecondsPerTick}n");
        }

        foreach (var (unit, ticks) in Units)
        {
            var value = (timeout.Ticks / ticks) + (timeout.Ticks % ticks == 0 ? 0 : 1);
            if (value <= MaxValue)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{MaxValue}H");
    }

    /// <summary>
    /// Reads a field; false when it is not well formed. What exceeds <see cref="TimeSpan"/> is cut to it.
    /// </summary>
    public static bool TryParse(string? text, out TimeSpan timeout)
    {
        timeout = default;
        if (text is null || text.Length is < 2 or > MaxDigits + 1)
        {
            return false;
        }

        var digits = text.AsSpan(0, text.Length - 1);
        if (digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var value = long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        if (text[^1] == 'n')
        {
            timeout = TimeSpan.FromTicks((value + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);
            return true;
        }

        foreach (var (unit, ticks) in Units)
        {
            if (unit == text[^1])
            {
                timeout = value > long.MaxValue / ticks ? TimeSpan.MaxValue : TimeSpan.FromTicks(value * ticks);
                return true;
            }
        }

        return false;
    }
}
