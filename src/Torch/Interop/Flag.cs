namespace Colony.Torch;

/// <summary>A truth value as the C header has it: one byte, 0 or 1.</summary>
internal readonly struct Flag
{
    private readonly byte _value;

    private Flag(byte value) => _value = value;

    public static implicit operator Flag(bool value) => new(value ? (byte)1 : (byte)0);

    public static implicit operator bool(Flag flag) => flag._value != 0;
}
