using System.Collections;

namespace Colony.Jobs;

/// <summary>
/// The inverse of <see cref="OptionsBinder"/>: options as a mapping of every key, defaults included, in declared
/// order.
/// </summary>
internal static class OptionsWriter
{
    public static MappingNode Write(object options)
    {
        if (options is OpaqueOptions opaque)
        {
            return opaque.Tree;
        }

        var shape = OptionsShape.Of(options.GetType());
        return new MappingNode(default, [.. shape.Members.Select(m =>
            new MappingEntry(default, m.Key, Value(m.Property.GetValue(options))))]);
    }

    private static Node Value(object? value) => value switch
    {
        null => new ScalarNode(default, "null", Quoted: false),
        _ when ScalarBinder.Reads(value.GetType()) => ScalarBinder.Write(value),
        IEnumerable items => new SequenceNode(default, [.. items.Cast<object?>().Select(Value)]),
        _ => Write(value),
    };
}
