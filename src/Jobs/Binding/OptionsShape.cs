using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;

namespace Colony.Jobs;

/// <summary>
/// One property of an options type as a key of its section. One that must stand (<c>required</c>) has to be written;
/// one that must hold something (<see cref="RequiredAttribute"/>) only if its default is null or empty. One that is
/// left out at its default (<see cref="DataMemberAttribute.EmitDefaultValue"/> false) is not written while it has it.
/// </summary>
internal sealed record OptionsMember(
    string Key,
    PropertyInfo Property,
    bool AcceptsNull,
    bool MustStand,
    bool MustHold,
    bool LeftOutAtDefault,
    IReadOnlyList<ValidationAttribute> Checks);

/// <summary>The keys of an options type in the order of their declaration. Read once for each type.</summary>
internal sealed class OptionsShape
{
    private static readonly ConcurrentDictionary<Type, OptionsShape> Known = new();

    private readonly Lazy<object> defaults;

    private OptionsShape(Type type)
    {
        if (type.IsAbstract || (!type.IsValueType && type.GetConstructor(Type.EmptyTypes) is null))
        {
            throw new ArgumentException($"{type} has no public constructor without parameters; options need one");
        }

        Type = type;
        var nullability = new NullabilityInfoContext();
        Members = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.GetMethod is { IsPublic: true } && p.SetMethod is { IsPublic: true }
                && p.GetIndexParameters().Length == 0 && !p.IsDefined(typeof(IgnoreDataMemberAttribute)))
            .OrderBy(p => p.MetadataToken)
            .Select(p => Member(p, nullability))];
        Keys = [.. Members.Select(m => m.Key)];
        defaults = new Lazy<object>(() => Activator.CreateInstance(type)!);
    }

    public Type Type { get; }

    public IReadOnlyList<OptionsMember> Members { get; }

    public IReadOnlyList<string> Keys { get; }

    /// <summary>An instance in which nothing was set.</summary>
    public object Defaults => defaults.Value;

    public static OptionsShape Of(Type type) => Known.GetOrAdd(type, t => new OptionsShape(t));

    /// <summary>True for types that are sections: neither scalars nor lists.</summary>
    public static bool IsSection(Type type) => !ScalarBinder.Reads(type) && ListItem(type) is null;

    /// <summary>
    /// The item type of a list property, or null when <paramref name="type"/> is no list that can be bound.
    /// </summary>
    public static Type? ListItem(Type type)
    {
        if (type.IsArray)
        {
            return type.GetElementType();
        }

        if (!type.IsGenericType)
        {
            return null;
        }

        var open = type.GetGenericTypeDefinition();
        return open == typeof(IReadOnlyList<>) || open == typeof(IReadOnlyCollection<>) || open == typeof(IEnumerable<>)
            || open == typeof(IList<>) || open == typeof(List<>)
            ? type.GetGenericArguments()[0]
            : null;
    }

    private static OptionsMember Member(PropertyInfo property, NullabilityInfoContext nullability)
    {
        var checks = property.GetCustomAttributes<ValidationAttribute>().ToList();
        var mustStand = property.IsDefined(typeof(RequiredMemberAttribute));
        var mustHold = checks.OfType<RequiredAttribute>().Any();
        var nullable = Nullable.GetUnderlyingType(property.PropertyType) is not null
            || (!property.PropertyType.IsValueType
                && nullability.Create(property).WriteState == NullabilityState.Nullable);
        var key = SnakeCase.Of(property.Name);
        var later = property.GetCustomAttribute<DataMemberAttribute>() is { EmitDefaultValue: false };
        var acceptsNull = nullable && !mustStand && !mustHold;
        return new OptionsMember(key, property, acceptsNull, mustStand, mustHold, later, checks);
    }
}
