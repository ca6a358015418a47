using System.Globalization;
using System.Text.Json;

namespace Colony.Data;

/// <summary>
/// Words and their ids: 0 <c>&lt;pad&gt;</c>, 1 <c>&lt;start&gt;</c>, 2 <c>&lt;end&gt;</c>, 3 <c>&lt;unk&gt;</c>,
/// then the words by falling count, equal counts in ordinal order. (The published works number words by Python 2's
/// dictionary order, which nobody can reproduce; load their JSON where ids must agree.) Immutable.
/// </summary>
public sealed class Vocabulary
{
    /// <summary>Id of padding.</summary>
    public const int Pad = 0;

    /// <summary>Id of the token in front of every caption.</summary>
    public const int Start = 1;

    /// <summary>Id of the token behind every caption.</summary>
    public const int End = 2;

    /// <summary>Id that stands for all words not in the vocabulary.</summary>
    public const int Unknown = 3;

    /// <summary>The most entries a vocabulary file may have.</summary>
    public const int MaxWords = 4_000_000;

    private static readonly string[] Special = ["<pad>", "<start>", "<end>", "<unk>"];

    private readonly string[] _words;
    private readonly Dictionary<string, int> _ids;

    private Vocabulary(string[] words)
    {
        _words = words;
        _ids = new Dictionary<string, int>(words.Length, StringComparer.Ordinal);
        for (var id = 0; id < words.Length; id++)
        {
            _ids.Add(words[id], id);
        }
    }

    /// <summary>Entries, the four special ones included: the rows of a word embedding.</summary>
    public int Count => _words.Length;

    /// <summary>The word with an id.</summary>
    /// <param name="id">An id below <see cref="Count"/>.</param>
    public string this[int id] => id >= 0 && id < _words.Length
        ? _words[id]
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"The vocabulary has ids 0 to {_words.Length - 1}.");

    /// <summary>The id of a word, or <see cref="Unknown"/>.</summary>
    /// <param name="word">A token as <see cref="Tokenizer"/> makes it.</param>
    public int IdOf(string word) => _ids.GetValueOrDefault(word, Unknown);

    /// <summary>Counts the tokens of texts and keeps those seen often enough.</summary>
    /// <param name="texts">The captions of the splits to build from.</param>
    /// <param name="minCount">The least count of a word that is kept, at least 1.</param>
    public static Vocabulary Build(IEnumerable<string> texts, int minCount)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(minCount, 1);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            foreach (var token in Tokenizer.Tokenize(text))
            {
                counts[token] = counts.GetValueOrDefault(token) + 1;
            }
        }

        var words = counts.Where(pair => pair.Value >= minCount)
            .OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => pair.Key);
        return new Vocabulary([.. Special, .. words]);
    }

    /// <summary>Writes the JSON that SCAN and VSE-infinity use: <c>word2idx</c>, <c>idx2word</c>,
    /// <c>idx</c>.</summary>
    /// <param name="path">The file to write.</param>
    public void Save(string path)
    {
        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteStartObject("word2idx");
        for (var id = 0; id < _words.Length; id++)
        {
            json.WriteNumber(_words[id], id);
        }

        json.WriteEndObject();
        json.WriteStartObject("idx2word");
        for (var id = 0; id < _words.Length; id++)
        {
            json.WriteString(id.ToString(CultureInfo.InvariantCulture), _words[id]);
        }

        json.WriteEndObject();
        json.WriteNumber("idx", _words.Length);
        json.WriteEndObject();
    }

    /// <summary>Reads <c>word2idx</c> of a vocabulary JSON, refusing gaps, doubles and other special ids.</summary>
    /// <param name="path">The file to read.</param>
    /// <exception cref="DataException">The file is missing or is no such vocabulary.</exception>
    public static Vocabulary Load(string path)
    {
        using var document = JsonFile.Open(path);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("word2idx", out var table)
            || table.ValueKind != JsonValueKind.Object)
        {
            throw DataException.In(path, "has no object 'word2idx'; save the vocabulary as SCAN does");
        }

        var ids = new Dictionary<int, string>();
        foreach (var entry in table.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id)
                || id < 0 || id >= MaxWords || !ids.TryAdd(id, entry.Name))
            {
                throw DataException.In(
                    path, $"word2idx['{entry.Name}'] is {entry.Value}: not a whole number of its own");
            }
        }

        var words = new string[ids.Count];
        for (var id = 0; id < words.Length; id++)
        {
            words[id] = ids.TryGetValue(id, out var word)
                ? word
                : throw DataException.In(path, $"word2idx has {ids.Count} words and none with the id {id}");
        }

        if (words.Length < Special.Length || !words.AsSpan(0, Special.Length).SequenceEqual(Special))
        {
            throw DataException.In(path, $"the ids 0 to 3 of word2idx must be {string.Join(", ", Special)}");
        }

        if (words.Distinct(StringComparer.Ordinal).Count() != words.Length)
        {
            throw DataException.In(path, "a word of word2idx is there twice");
        }

        return new Vocabulary(words);
    }
}
