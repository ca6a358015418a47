using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Colony.Jobs;

/// <summary>
/// Binds a mapping to an options type by reflection. Values that are absent keep the type's defaults; everything that
/// is wrong is added to the errors, and binding goes on, so that one run shows all of it.
/// </summary>
internal sealed class OptionsBinder(List<JobError> errors)
{
    /// <summary>
    /// An instance of <paramref name="type"/> with the values of <paramref name="section"/>; only good when no error
    /// was added.
    /// </summary>
    public object Bind(Type type, MappingNode section, string path) =>
        type == typeof(OpaqueOptions)
            ? new OpaqueOptions(section)
            : Bind(OptionsShape.Of(type), section, path, original: null);

    private object Bind(OptionsShape shape, MappingNode section, string path, object? original)
    {
        var target = CopyOf(original) ?? Activator.CreateInstance(shape.Type)!;
        foreach (var entry in section.Entries)
        {
            if (!shape.Keys.Contains(entry.Key))
            {
                errors.Add(new JobError(entry.KeyPlace,
                    $"{path} has no {Show.Word(entry.Key)}; {Suggestion.Cure(entry.Key, shape.Keys)}"));
            }
        }

        var before = errors.Count;
        foreach (var member in shape.Members)
        {
            BindMember(member, section, path, target);
        }

        if (errors.Count == before && target is IValidatableObject validatable)
        {
            AskForItself(validatable, section, path);
        }

        return target;
    }

    private void BindMember(OptionsMember member, MappingNode section, string path, object target)
    {
        var name = path.Length == 0 ? member.Key : $"{path}.{member.Key}";
        if (section.Find(member.Key) is not { } entry)
        {
            if (member.MustStand || (member.MustHold && member.Property.GetValue(target) is null or ""))
            {
                errors.Add(new JobError(section.Place, $"{name} is missing; write it"));
            }

            return;
        }

        var before = errors.Count;
        var original = member.Property.GetValue(target);
        var value = Value(member.Property.PropertyType, entry.Value, name, member.AcceptsNull, original);
        if (errors.Count != before)
        {
            return;
        }

        CheckValue(member, value, entry.Value, name);
        if (errors.Count == before)
        {
            member.Property.SetValue(target, value);
        }
    }

    private object? Value(Type declared, Node node, string name, bool acceptsNull, object? original)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var isSection = OptionsShape.IsSection(type);
        if (node is ScalarNode { IsNull: true } nothing)
        {
            if (acceptsNull)
            {
                return null;
            }

            if (!isSection)
            {
                errors.Add(new JobError(nothing.Place, $"{name} is empty; write a value or remove the key"));
                return null;
            }

            node = new MappingNode(nothing.Place, []);
        }

        if (ScalarBinder.Reads(type))
        {
            return Scalar(type, node, name);
        }

        return isSection ? Section(type, node, name, original) : List(declared, node, name);
    }

    private object? Scalar(Type type, Node node, string name)
    {
        if (node is not ScalarNode scalar)
        {
            errors.Add(new JobError(node.Place, $"{name} is a {Kind(node)}, not a single value; write {name}: value"));
            return null;
        }

        var (value, wrong) = ScalarBinder.Read(type, scalar);
        if (wrong is not null)
        {
            errors.Add(new JobError(node.Place, $"{name}: {wrong}"));
        }

        return value;
    }

    private object? Section(Type type, Node node, string name, object? original)
    {
        if (node is MappingNode mapping)
        {
            return type == typeof(OpaqueOptions)
                ? new OpaqueOptions(mapping)
                : Bind(OptionsShape.Of(type), mapping, name, original);
        }

        errors.Add(new JobError(
            node.Place, $"{name} is a {Kind(node)}, not a section; write its keys below it, indented"));
        return null;
    }

    private object? List(Type declared, Node node, string name)
    {
        var itemType = OptionsShape.ListItem(declared)!;
        if (node is not SequenceNode sequence)
        {
            errors.Add(new JobError(node.Place, $"{name} is a {Kind(node)}, not a list; write [a, b]"));
            return null;
        }

        var items = Array.CreateInstance(itemType, sequence.Items.Count);
        for (var i = 0; i < sequence.Items.Count; i++)
        {
            var before = errors.Count;
            var item = Value(itemType, sequence.Items[i], $"{name}[{i}]", acceptsNull: false, original: null);
            if (errors.Count == before)
            {
                items.SetValue(item, i);
            }
        }

        return declared.IsInstanceOfType(items) ? items : Activator.CreateInstance(declared, items);
    }

    private void CheckValue(OptionsMember member, object? value, Node node, string name)
    {
        foreach (var check in member.Checks)
        {
            if (Checks.Wrong(check, value, member.Key) is { } wrong)
            {
                errors.Add(new JobError(node.Place, $"{name}{wrong}"));
            }
        }
    }

    private void AskForItself(IValidatableObject target, MappingNode section, string path)
    {
        foreach (var result in target.Validate(new ValidationContext(target)))
        {
            var key = result.MemberNames.FirstOrDefault() is { } member ? SnakeCase.Of(member) : null;
            var place = (key is null ? null : section.Find(key)?.Value.Place) ?? section.Place;
            errors.Add(new JobError(place, $"{(key is null ? path : $"{path}.{key}")}: {result.ErrorMessage}"));
        }
    }

    private static string Kind(Node node) => node switch
    {
        MappingNode => "section",
        SequenceNode => "list",
        _ => "single value",
    };

    /// <summary>
    /// A copy of a record's value, so that a nested section keeps the defaults that its owner gave it.
    /// </summary>
    private static object? CopyOf(object? original) =>
        original?.GetType().GetMethod("<Clone>$", BindingFlags.Public | BindingFlags.Instance)?.Invoke(original, null);
}
