namespace Colony.Data;

/// <summary>
/// Data that cannot be used as it is: a file that is missing, cut short or not what its neighbours say, a query
/// without a known word. The message is one sentence for the user that names the file, the place in it and the cure.
/// </summary>
public sealed class DataException : Exception
{
    /// <summary>Makes an error of one sentence.</summary>
    /// <param name="message">What is wrong, where, and what to do about it.</param>
    /// <param name="cause">The error underneath, if there was one.</param>
    public DataException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    internal static DataException In(string file, string problem, Exception? cause = null)
        => new($"{file}: {problem}", cause);
}
