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

    /// <summary>Without the keys that do not change the weights.</summary>
    public static MappingNode WriteDecisive(object options)
    {
        MappingNode all = Write(options);
        var left = OptionsShape.Of(options.GetType()).Members
            .Where(m => m.Property.IsDefined(typeof(SameWeightsAttribute), inherit: false)).Select(m => m.Key)
            .ToHashSet(StringComparer.Ordinal);
        return all with { Entries = [.. all.Entries.Where(e => !left.Contains(e.Key))] };
    }

    private static Node Value(object? value) => value switch
    {
        null => new ScalarNode(default, "null", Quoted: false),
        _ when ScalarBinder.Reads(value.GetType()) => ScalarBinder.Write(value),
        IEnumerable items => new SequenceNode(default, [.. items.Cast<object?>().Select(Value)]),
        _ => Write(value),
    };
}
