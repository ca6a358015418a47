namespace Colony.Rpc;

/// <summary>How a call ended.</summary>
/// <param name="Code">The outcome.</param>
/// <param name="Detail">A sentence for people; empty when there is nothing to add.</param>
public readonly record struct Status(StatusCode Code, string Detail)
{
    /// <summary>Success without words.</summary>
    public static Status Success { get; } = new(StatusCode.OK, "");

    /// <inheritdoc/>
    public override string ToString() => Detail.Length == 0 ? Code.ToString() : $"{Code}: {Detail}";
}
