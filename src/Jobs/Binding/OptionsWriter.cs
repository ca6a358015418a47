using System.Collections;
using System.ComponentModel;
using System.Reflection;

namespace Colony.Jobs;

/// <summary>
/// The inverse of <see cref="OptionsBinder"/>: options as a mapping of every key, defaults included, in declared
/// order. A key that came after jobs had been run is marked <c>DataMember(EmitDefaultValue = false)</c> and left out
/// while it has its default, so that those jobs keep their hash.
/// </summary>
internal static class OptionsWriter
{
    private const string SameWeights = "same weights";

    public static MappingNode Write(object options)
    {
        if (options is OpaqueOptions opaque)
        {
            return opaque.Tree;
        }

        var shape = OptionsShape.Of(options.GetType());
        return new MappingNode(default, [.. shape.Members
            .Select(m => (Member: m, Entry: EntryOf(m, options)))
            .Where(pair => !pair.Member.LeftOutAtDefault
                || Spelling(pair.Entry) != Spelling(EntryOf(pair.Member, shape.Defaults)))
            .Select(pair => pair.Entry)]);
    }

    /// <summary>Without the keys that do not change the weights.</summary>
    public static MappingNode WriteDecisive(object options)
    {
        MappingNode all = Write(options);
        if (options is OpaqueOptions)
        {
            return all;
        }

        var left = OptionsShape.Of(options.GetType()).Members
            .Where(m => m.Property.IsDefined(typeof(SameWeightsAttribute), inherit: false)
                || m.Property.GetCustomAttribute<CategoryAttribute>()?.Category == SameWeights)
            .Select(m => m.Key)
            .ToHashSet(StringComparer.Ordinal);
        return all with { Entries = [.. all.Entries.Where(e => !left.Contains(e.Key))] };
    }

    private static MappingEntry EntryOf(OptionsMember member, object options) =>
        new(default, member.Key, Value(member.Property.GetValue(options)));

    private static string Spelling(MappingEntry entry) => NodeWriter.Write(new MappingNode(default, [entry]));

    private static Node Value(object? value) => value switch
    {
        null => new ScalarNode(default, "null", Quoted: false),
        _ when ScalarBinder.Reads(value.GetType()) => ScalarBinder.Write(value),
        IEnumerable items => new SequenceNode(default, [.. items.Cast<object?>().Select(Value)]),
        _ => Write(value),
    };
}
