namespace Colony.Coordinator;

/// <summary>A journal that cannot be used, in one sentence that names the file and the cure.</summary>
public sealed class JournalException : Exception
{
    /// <summary>Creates it.</summary>
    public JournalException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    public JournalException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
