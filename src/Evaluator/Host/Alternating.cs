namespace Colony.Evaluator;

/// <summary>
/// Two of a kind by turns: while one is shown, the other takes what comes next. The second is made when it is first
/// needed. One user at a time.
/// </summary>
/// <typeparam name="T">What there are two of.</typeparam>
internal sealed class Alternating<T>(Func<T> create) : IDisposable
    where T : class, IDisposable
{
    private T? _next = create();
    private T? _shown;

    /// <summary>The one that is not shown.</summary>
    public T Next => _next ??= create();

    /// <summary>The other one is free from here on, and this one is left alone.</summary>
    public void Show() => (_next, _shown) = (_shown, Next);

    /// <inheritdoc/>
    public void Dispose()
    {
        _next?.Dispose();
        _shown?.Dispose();
    }
}
