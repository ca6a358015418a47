namespace Colony.Telemetry;

/// <summary>
/// Says a sentence only when it differs from the one before, so that a state that lasts is one line and not one a
/// second. Safe for several threads.
/// </summary>
/// <param name="write">Takes the sentences that are said.</param>
public sealed class ChangeLogger(Action<string> write)
{
    private string? _last;

    /// <summary>Says a sentence, unless it was the last one.</summary>
    /// <returns>Whether it was said.</returns>
    public bool Say(string sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        if (string.Equals(Interlocked.Exchange(ref _last, sentence), sentence, StringComparison.Ordinal))
        {
            return false;
        }

        write(sentence);
        return true;
    }
}
