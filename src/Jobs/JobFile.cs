namespace Colony.Jobs;

/// <summary>Reads job files. Pure: the caller brings the text.</summary>
public static class JobFile
{
    /// <summary>Errors shown at most; a text that has more is not a job file.</summary>
    public const int MaximumErrors = 50;

    /// <summary>Reads and checks a whole job and reports everything that is wrong with it at once.</summary>
    /// <param name="text">The YAML text, at most 256 Ki characters; hostile text gives errors, never
    /// exceptions.</param>
    /// <param name="fileName">The name that messages show.</param>
    /// <param name="sets">Overrides, applied in order before anything is checked.</param>
    /// <param name="vocabulary">The option types of data, models and objectives.</param>
    public static JobParse Parse(string text, string fileName, IReadOnlyList<Override> sets, IJobVocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(sets);
        ArgumentNullException.ThrowIfNull(vocabulary);

        var errors = new List<JobError>();
        var job = NodeReader.Read(text, fileName, errors) is { } document
            ? FromDocument(document, sets, vocabulary, errors)
            : null;
        var sorted = errors.Distinct()
            .OrderBy(e => e.Line == 0).ThenBy(e => e.Line).ThenBy(e => e.Column).Take(MaximumErrors).ToList();
        return new JobParse(sorted.Count == 0 ? job : null, sorted);
    }

    private static Job? FromDocument(
        Node document, IReadOnlyList<Override> sets, IJobVocabulary vocabulary, List<JobError> errors)
    {
        if (document is not MappingNode root)
        {
            errors.Add(new JobError(
                document.Place, "this is not a job; write at least the keys job, data, model and objective"));
            return null;
        }

        foreach (var set in sets)
        {
            root = set.Apply(root, errors);
        }

        return new JobReader(root, vocabulary, errors).Read();
    }
}
