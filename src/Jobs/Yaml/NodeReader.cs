using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Colony.Jobs;

/// <summary>
/// Reads one YAML document into nodes. Job files are hostile until proven otherwise: size, depth and node count are
/// bounded, and anchors, aliases and tags are refused, so no text can unfold into more than it is.
/// </summary>
internal sealed class NodeReader
{
    public const int MaximumCharacters = 256 * 1024;
    public const int MaximumDepth = 16;
    public const int MaximumNodes = 10_000;

    private readonly Parser _parser;
    private readonly Func<Mark, Place> _place;
    private readonly List<JobError> _errors;
    private int _nodes;
    private Mark _last = Mark.Empty;

    private NodeReader(string text, Func<Mark, Place> place, List<JobError> errors)
    {
        _parser = new Parser(new StringReader(text));
        _place = place;
        _errors = errors;
    }

    /// <summary>
    /// The document in <paramref name="text"/>, or null when errors were added; an empty document is a null scalar.
    /// </summary>
    public static Node? Read(string text, string source, List<JobError> errors) =>
        Read(text, new Place(source, 1, 1), mark => new Place(source, (int)mark.Line, (int)mark.Column), errors);

    /// <summary>The value of an override: every node in it is placed at the override itself.</summary>
    public static Node? ReadOverride(Override set, List<JobError> errors) =>
        Read(set.Value, set.Place, _ => set.Place, errors);

    private static Node? Read(string text, Place whole, Func<Mark, Place> place, List<JobError> errors)
    {
        if (text.Length > MaximumCharacters)
        {
            errors.Add(new JobError(whole, $"the text has {text.Length} characters, more than {MaximumCharacters}; "
                + "a job file is short, check that this is one"));
            return null;
        }

        var before = errors.Count;
        var reader = new NodeReader(text, place, errors);
        try
        {
            var node = reader.Document(whole);
            return errors.Count == before ? node : null;
        }
        catch (StopReadingException)
        {
            return null;
        }
        catch (YamlException e)
        {
            // Some of the scanner's complaints carry no place; the last value that was read is the nearest known one
            // then.
            var start = e.Start.Index > 0 ? e.Start : reader._last;
            errors.Add(new JobError(
                place(start), $"not YAML: {OneLine(e.Message)}; check indentation, colons and quotes here"));
            return null;
        }
        catch (Exception e) when (
            e is ArgumentException or InvalidOperationException or OverflowException or FormatException)
        {
            // The scanner meets unclosed brackets and some malformed escapes with these instead of its own exception.
            errors.Add(new JobError(place(reader._last), "not YAML from here on; check brackets, quotes and escapes"));
            return null;
        }
    }

    private Node Document(Place whole)
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
        {
            return new ScalarNode(whole, "", Quoted: false);
        }

        _parser.Consume<DocumentStart>();
        var node = Value(depth: 0);
        _parser.Consume<DocumentEnd>();
        if (!_parser.TryConsume<StreamEnd>(out _))
        {
            throw Stop(_parser.Current?.Start ?? Mark.Empty, "a second document begins here; keep one job in one file");
        }

        return node;
    }

    private Node Value(int depth)
    {
        if (_parser.Current is not { } current)
        {
            throw Stop(Mark.Empty, "the text ends too early; complete it");
        }

        if (++_nodes > MaximumNodes)
        {
            throw Stop(current.Start, $"more than {MaximumNodes} values; a job file is short, check that this is one");
        }

        if (depth > MaximumDepth)
        {
            throw Stop(current.Start, $"nested deeper than {MaximumDepth}; no section of a job needs that");
        }

        if (current is AnchorAlias)
        {
            throw Stop(current.Start, "aliases (*name) are not read; write the value out");
        }

        if (current is not NodeEvent node)
        {
            throw Stop(current.Start, "no value stands here; write one");
        }

        RefuseDecoration(node);
        _last = node.End;
        _parser.MoveNext();
        return node switch
        {
            Scalar scalar => new ScalarNode(_place(scalar.Start), scalar.Value, scalar.Style != ScalarStyle.Plain),
            SequenceStart start => Sequence(_place(start.Start), depth),
            MappingStart start => Mapping(_place(start.Start), depth),
            _ => throw Stop(current.Start, "unexpected YAML here; write a value, a list or a mapping"),
        };
    }

    private SequenceNode Sequence(Place place, int depth)
    {
        var items = new List<Node>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Value(depth + 1));
        }

        return new SequenceNode(place, items);
    }

    private MappingNode Mapping(Place place, int depth)
    {
        var entries = new List<MappingEntry>();
        var seen = new Dictionary<string, Place>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Value(depth + 1);
            var value = Value(depth + 1);
            if (key is not ScalarNode { Text: { Length: > 0 } name })
            {
                _errors.Add(new JobError(key.Place, "a key must be a word; write key: value"));
            }
            else if (!seen.TryAdd(name, key.Place))
            {
                _errors.Add(new JobError(
                    key.Place, $"the key {Show.Word(name)} stands twice, first in line {seen[name].Line}; remove one"));
            }
            else
            {
                entries.Add(new MappingEntry(key.Place, name, value));
            }
        }

        return new MappingNode(place, entries);
    }

    private void RefuseDecoration(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
        {
            throw Stop(node.Start, "anchors (&name) are not read; write the value out where it is needed");
        }

        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
        {
            throw Stop(node.Start, "tags (!name) are not read; remove it");
        }
    }

    private StopReadingException Stop(Mark mark, string message)
    {
        _errors.Add(new JobError(_place(mark), message));
        return new StopReadingException();
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    /// <summary>Ends the reading of a text that is beyond use; the error has been recorded.</summary>
    private sealed class StopReadingException : Exception;
}
