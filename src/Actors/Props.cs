namespace Colony.Actors;

/// <summary>How to make an actor: an immutable recipe.</summary>
/// <typeparam name="TMessage">The actor's messages.</typeparam>
public sealed record Props<TMessage>
{
    /// <summary>Makes a recipe.</summary>
    /// <param name="name">Name among its siblings, without <c>/</c>.</param>
    /// <param name="create">Makes an instance; called again for each restart.</param>
    public Props(string name, Func<Actor<TMessage>> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        if (name.Contains('/', StringComparison.Ordinal) || name.Length > ActorLimits.MaxNameLength)
        {
            throw new ArgumentException(
                $"The actor name '{name}' has a '/' in it or more than {ActorLimits.MaxNameLength} characters.",
                nameof(name));
        }

        Name = name;
        Kind = name;
        Create = create;
    }

    /// <summary>Name among its siblings.</summary>
    public string Name { get; }

    /// <summary>Makes an instance.</summary>
    public Func<Actor<TMessage>> Create { get; }

    /// <summary>
    /// The metric label, shared by actors of one sort (all sessions are <c>session</c>), so that the number of labels
    /// stays bounded. The name unless set.
    /// </summary>
    public string Kind { get; init; }

    /// <summary>How many told messages may wait; one more is refused with <see cref="TellResult.Full"/>.</summary>
    public int MailboxCapacity { get; init; } = ActorLimits.DefaultMailboxCapacity;

    /// <summary>What becomes of the actor when it fails.</summary>
    public Supervision Supervision { get; init; } = Supervision.Restart();
}
