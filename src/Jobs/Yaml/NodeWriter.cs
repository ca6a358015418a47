using System.Text;

namespace Colony.Jobs;

/// <summary>
/// Writes nodes as canonical YAML: mappings in blocks, lists in one line, scalars already in their final spelling.
/// </summary>
internal static class NodeWriter
{
    private const int Indent = 2;

    public static string Write(MappingNode root)
    {
        var text = new StringBuilder();
        Block(text, root, depth: 0);
        return text.ToString();
    }

    private static void Block(StringBuilder text, MappingNode mapping, int depth)
    {
        foreach (var entry in mapping.Entries)
        {
            text.Append(' ', depth * Indent).Append(Scalars.Write(entry.Key)).Append(':');
            if (entry.Value is MappingNode { Entries.Count: > 0 } inner)
            {
                text.Append('\n');
                Block(text, inner, depth + 1);
            }
            else
            {
                text.Append(' ');
                Flow(text, entry.Value);
                text.Append('\n');
            }
        }
    }

    private static void Flow(StringBuilder text, Node node)
    {
        switch (node)
        {
            case ScalarNode scalar:
                text.Append(Spelling(scalar));
                break;
            case SequenceNode sequence:
                text.Append('[');
                Joined(text, sequence.Items, Flow);
                text.Append(']');
                break;
            case MappingNode mapping:
                text.Append('{');
                Joined(text, mapping.Entries, (t, entry) =>
                {
                    t.Append(Scalars.Write(entry.Key)).Append(": ");
                    Flow(t, entry.Value);
                });
                text.Append('}');
                break;
            default:
                throw new InvalidOperationException($"a node of kind {node.GetType().Name} has no spelling");
        }
    }

    private static void Joined<T>(StringBuilder text, IReadOnlyList<T> items, Action<StringBuilder, T> write)
    {
        for (var i = 0; i < items.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            write(text, items[i]);
        }
    }

    /// <summary>
    /// Plain words that mean a number, a truth value or nothing keep their spelling; all other text is quoted if need
    /// be.
    /// </summary>
    private static string Spelling(ScalarNode scalar)
    {
        if (scalar.IsNull)
        {
            return "null";
        }

        var meansMore = !scalar.Quoted && (scalar.Text is "true" or "false" || Scalars.TryNumber(scalar.Text, out _));
        return meansMore ? scalar.Text : Scalars.Write(scalar.Text);
    }
}
