using System.Text.Json;
using Colony.Testing;

namespace Colony.Data.Tests;

/// <summary>Word pieces against the published tokenizers, sentence by sentence.</summary>
public sealed class WordPieceTests : IDisposable
{
    private const int Sentences = 43;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The rules, whether small letters, and the key of their pieces in the golden file; where a sentence
    /// lacks the key it has the pieces of the second.</summary>
    [Theory]
    [InlineData("transformers", true, "tokens", "tokens")]
    [InlineData("transformers", false, "cased_tokens", "cased_tokens")]
    [InlineData("hrem", true, "hrem_tokens", "hrem_tokens")]
    [InlineData("google", true, "google_tokens", "tokens")]
    [InlineData("google", false, "google_cased_tokens", "cased_tokens")]
    [InlineData("camera", true, "camera_tokens", "tokens")]
    public void Every_golden_sentence_has_the_published_pieces(string rules, bool lower, string key, string otherwise)
    {
        var tokenizer = new WordPieceTokenizer(Vocabulary(), WordPieceRules.Of(rules, lower));
        using var golden = Golden();
        var count = 0;
        foreach (var sentence in golden.RootElement.GetProperty("sentences").EnumerateArray())
        {
            var text = sentence.GetProperty("text").GetString()!;
            var expected = Strings(sentence.GetProperty(sentence.TryGetProperty(key, out _) ? key : otherwise));
            IReadOnlyList<string> found = tokenizer.Tokenize(text);
            Assert.Equal(expected, key == "hrem_tokens" ? ["[CLS]", .. found, "[SEP]"] : found);
            count++;
        }

        Assert.Equal(Sentences, count);
    }

    [Theory]
    [InlineData(true, "ids")]
    [InlineData(false, "cased_ids")]
    public void Every_golden_sentence_has_the_published_ids(bool lower, string key)
    {
        var vocabulary = Vocabulary();
        var tokenizer = new WordPieceTokenizer(vocabulary, WordPieceRules.Of("transformers", lower));
        using var golden = Golden();
        foreach (var sentence in golden.RootElement.GetProperty("sentences").EnumerateArray())
        {
            Assert.Equal(
                Numbers(sentence.GetProperty(key)).Select(id => (int)id),
                [vocabulary.First, .. tokenizer.Encode(sentence.GetProperty("text").GetString()!), vocabulary.Last]);
        }
    }

    [Fact]
    public void Words_before_pieces_are_the_published_ones()
    {
        var tokenizer = new WordPieceTokenizer(Vocabulary(), WordPieceRules.Of("hrem", true));
        using var golden = Golden();
        foreach (var sentence in golden.RootElement.GetProperty("sentences").EnumerateArray())
        {
            var text = sentence.GetProperty("text").GetString()!;
            Assert.Equal(Strings(sentence.GetProperty("basic_tokens")), tokenizer.Words(text));
        }
    }

    [Fact]
    public void Rows_of_fixed_length_are_cameras()
    {
        var tokenizer = new WordPieceTokenizer(Vocabulary(), WordPieceRules.Of("camera", true));
        using var golden = Golden();
        var fixedLength = golden.RootElement.GetProperty("fixed_length");
        var length = fixedLength.GetProperty("length").GetInt32();
        var rows = fixedLength.GetProperty("rows").EnumerateArray().ToArray();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            var found = tokenizer.Row(row.GetProperty("text").GetString()!, length);
            Assert.Equal(Numbers(row.GetProperty("ids")), found.Ids);
            Assert.Equal(Numbers(row.GetProperty("mask")), found.Mask);
            Assert.Equal(Numbers(row.GetProperty("types")), found.Types);
        }
    }

    [Fact]
    public void The_golden_vocabulary_is_read_line_by_line()
    {
        var vocabulary = Vocabulary();
        using var golden = Golden();
        Assert.Equal(
            Strings(golden.RootElement.GetProperty("vocab")),
            Enumerable.Range(0, vocabulary.Count).Select(id => vocabulary[id]));
        Assert.Equal(golden.RootElement.GetProperty("unk").GetInt32(), vocabulary.Unknown);
        Assert.True(vocabulary.TryGetId("##boarding", out var id));
        Assert.Equal("##boarding", vocabulary[id]);
        Assert.Equal("[MASK]", vocabulary[vocabulary.Mask]);
        Assert.Equal(
            Enumerable.Range(0, vocabulary.Count).Where(i => vocabulary[i].StartsWith("##", StringComparison.Ordinal)),
            vocabulary.Continuations.Order());
    }

    [Fact]
    public void Without_a_mask_a_hidden_word_is_an_unknown_one()
    {
        var vocabulary = WordPieceVocabulary.Load(_folder.Write("vocab.txt", "[PAD]\n[CLS]\n[SEP]\n[UNK]\na\n##b\n"));
        Assert.Equal(vocabulary.Unknown, vocabulary.Mask);
        Assert.Equal([5], vocabulary.Continuations);
    }

    [Theory]
    [InlineData("[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n\nb\n", "line 6 is empty")]
    [InlineData("[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\na\n", "line 7: the word piece 'a' is in line 5")]
    [InlineData("[PAD]\n[UNK]\n[CLS]\na\n", "no line [SEP]")]
    [InlineData("a\n[UNK]\n[CLS]\n[SEP]\n[PAD]\n", "line 5: [PAD] must be line 1")]
    [InlineData("", "no line [PAD]")]
    public void Bad_vocabularies_are_named_by_file_and_line(string text, string expected) =>
        Refused(_folder.Write("vocab.txt", text), expected);

    [Fact]
    public void Vocabularies_that_are_no_text_or_not_there_are_named()
    {
        Refused(_folder.Write("v.txt", [.. "[PAD]\n[UNK]\n"u8, 0xC3, 0x28, (byte)'\n']), "line 3 is not UTF-8");
        Refused(_folder.File("none.txt"), "no such file");
        Refused(
            _folder.Write("l.txt", "[PAD]\n" + new string('x', WordPieceVocabulary.MaxPiece + 1)), "line 2 has 1001");
    }

    private static void Refused(string path, string expected)
    {
        var error = Assert.Throws<DataException>(() => WordPieceVocabulary.Load(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static WordPieceVocabulary Vocabulary() =>
        WordPieceVocabulary.Load(SharedFolder.Find("golden", "wordpiece_vocab.txt"));

    private static JsonDocument Golden() =>
        JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Find("golden", "wordpiece.json")));

    private static string[] Strings(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    private static long[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetInt64())];
}
