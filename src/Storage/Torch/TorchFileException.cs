namespace Colony.Storage;

/// <summary>A PyTorch file is damaged, hostile or of a kind that is not read. One line: which file and why.</summary>
public sealed class TorchFileException : StorageException
{
    private const int MostShown = 80;

    /// <summary>A defect of <paramref name="source"/>.</summary>
    /// <param name="source">The file.</param>
    /// <param name="problem">What is wrong with it, and where.</param>
    /// <param name="cause">The error underneath, if there was one.</param>
    public TorchFileException(string source, string problem, Exception? cause = null)
        : base($"'{source}' cannot be read as PyTorch weights: {problem}.", cause)
    {
    }

    /// <summary>A name from the file, short enough for a line.</summary>
    internal static string Shown(string name) =>
        new([.. name.Take(MostShown).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
}
