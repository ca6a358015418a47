namespace Colony.Rpc;

/// <summary>
/// A server that cannot or may not listen where it was told to. The message is one line for the user.
/// </summary>
public class ListenException : Exception
{
    /// <summary>A refusal with its sentence: the address, the reason, the cure.</summary>
    public ListenException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>Another process listens on the address already.</summary>
public sealed class AddressInUseException : ListenException
{
    /// <summary>A refusal that names the address and the cure.</summary>
    public AddressInUseException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
