namespace Colony.Actors.Simulation;

/// <summary>How a simulated network behaves while nothing is broken.</summary>
public sealed record NetworkProfile
{
    /// <summary>The shortest delay of a message.</summary>
    public TimeSpan MinDelay { get; init; } = TimeSpan.FromMicroseconds(50);

    /// <summary>What is added to it on average, exponentially distributed.</summary>
    public TimeSpan MeanExtraDelay { get; init; } = TimeSpan.FromMicroseconds(200);

    /// <summary>How often a message is held up much longer (a lost packet that is sent again).</summary>
    public double HiccupProbability { get; init; } = 0.01;

    /// <summary>The longest that such a message is held up.</summary>
    public TimeSpan MaxHiccup { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Bytes a second of one direction of a link; 0 does not count bytes.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>When an attempt to connect that hears nothing gives up.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many datagrams are lost.</summary>
    public double DatagramLoss { get; init; }

    /// <summary>How many datagrams arrive twice.</summary>
    public double DatagramDuplication { get; init; }
}
