namespace Colony.Jobs;

/// <summary>
/// A <c>--set path.to.key=value</c> from the command line: replaces one value of the file before it is checked.
/// </summary>
/// <param name="Path">Keys joined by dots, for instance <c>train.learning_rate</c>.</param>
/// <param name="Value">The new value in YAML, for instance <c>1e-4</c>, <c>null</c> or <c>[1, 2]</c>.</param>
public sealed record Override(string Path, string Value)
{
    internal Place Place => new($"--set {Path}={Value}", 0, 0);

    /// <summary>Splits <c>path=value</c> at the first equals sign.</summary>
    /// <exception cref="JobException">There is no equals sign, or no path before it.</exception>
    public static Override Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var path = equals < 0 ? text : text[..equals].Trim();
        if (equals < 0 || path.Length == 0 || path.Split('.').Any(part => part.Length == 0))
        {
            throw new JobException($"--set {text}: not path=value; write for instance --set train.epochs=3");
        }

        if (path.Count(c => c == '.') >= NodeReader.MaximumDepth)
        {
            throw new JobException(
                $"--set {text}: the path is deeper than any section; write for instance train.epochs=3");
        }

        return new Override(path, text[(equals + 1)..]);
    }

    /// <summary>
    /// The document with this override applied; missing sections on the way are made, other obstacles are errors.
    /// </summary>
    internal MappingNode Apply(MappingNode root, List<JobError> errors)
    {
        var value = NodeReader.ReadOverride(this, errors);
        return value is null ? root : Apply(root, Path.Split('.'), value, errors);
    }

    private MappingNode Apply(MappingNode mapping, ReadOnlySpan<string> path, Node value, List<JobError> errors)
    {
        if (path.Length == 1)
        {
            return mapping.With(Place, path[0], value);
        }

        var inner = mapping.Find(path[0])?.Value ?? new ScalarNode(Place, "", Quoted: false);
        if (inner is ScalarNode { IsNull: true })
        {
            inner = new MappingNode(Place, []);
        }

        if (inner is not MappingNode section)
        {
            errors.Add(new JobError(Place, $"{Show.Word(path[0])} is not a section, so it has no {Show.Word(path[1])}; "
                + "check the path"));
            return mapping;
        }

        return mapping.With(inner.Place, path[0], Apply(section, path[1..], value, errors));
    }
}
