namespace Colony.Data;

/// <summary>Turns what the system says about a file into one sentence with a cure.</summary>
internal static class FileErrors
{
    public static DataException CannotRead(string path, Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException
            => DataException.In(path, "there is no such file; check the data section's path and names", error),
        UnauthorizedAccessException
            => DataException.In(path, "may not be read (or is a folder); check its permissions", error),
        _ => DataException.In(path, $"cannot be read: {error.Message}", error),
    };
}
