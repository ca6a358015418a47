namespace Colony.Torch;

/// <summary>libtorch refused an operation; the message is its own and names the shapes or types at fault.</summary>
public sealed class TorchException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public TorchException()
    {
    }

    /// <summary>Makes one with libtorch's message.</summary>
    public TorchException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and its cause.</summary>
    public TorchException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
