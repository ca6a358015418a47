using Colony.Testing;

namespace Colony.Data.Tests;

public sealed class TextTests : IDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("A black dog's ball .", "a|black|dog|'|s|ball|.")]
    [InlineData("  two--way  (3rd) ", "two|-|-|way|(|3rd|)")]
    [InlineData("", "")]
    [InlineData(" \t ", "")]
    [InlineData("Ünder_Straße 🐕x", "ünder|_|straße|🐕|x")]
    public void Tokens(string text, string expected)
        => Assert.Equal(expected, string.Join('|', Tokenizer.Tokenize(text)));

    [Fact]
    public void Words_are_numbered_by_falling_count_and_then_ordinally()
    {
        var vocabulary = Vocabulary.Build(["b b a a c", "a b d d z"], minCount: 2);
        string[] expected = ["<pad>", "<start>", "<end>", "<unk>", "a", "b", "d"];
        Assert.Equal(expected, Enumerable.Range(0, vocabulary.Count).Select(id => vocabulary[id]));
        Assert.Equal(4, vocabulary.IdOf("a"));
        Assert.Equal(Vocabulary.Unknown, vocabulary.IdOf("z"));
    }

    [Fact]
    public void Saved_vocabularies_load_the_same()
    {
        var vocabulary = Vocabulary.Build(["she said \"hi\" \\ ü"], 1);
        var path = _folder.File("vocab.json");
        vocabulary.Save(path);
        var loaded = Vocabulary.Load(path);
        Assert.Equal(vocabulary.Count, loaded.Count);
        for (var id = 0; id < loaded.Count; id++)
        {
            Assert.Equal(vocabulary[id], loaded[id]);
        }
    }

    [Theory]
    [InlineData("{", "line 1")]
    [InlineData("[]", "word2idx")]
    [InlineData("{\"word2idx\": 3}", "word2idx")]
    [InlineData("{\"word2idx\": {\"<pad>\":0,\"<start>\":1,\"<end>\":2,\"<unk>\":3,\"a\":5}}", "id 4")]
    [InlineData("{\"word2idx\": {\"<pad>\":0,\"<start>\":1,\"<end>\":2,\"<unk>\":3,\"a\":4,\"b\":4}}", "'b'")]
    [InlineData("{\"word2idx\": {\"<pad>\":0,\"<start>\":1,\"<end>\":2,\"<unk>\":3,\"a\":4,\"a\":5}}", "twice")]
    [InlineData("{\"word2idx\": {\"<pad>\":0,\"<start>\":1,\"<end>\":2,\"<unk>\":3,\"a\":2147483647}}", "'a'")]
    [InlineData("{\"word2idx\": {\"<pad>\":0,\"<start>\":1,\"<end>\":2,\"<unk>\":3,\"a\":\"x\"}}", "'a'")]
    [InlineData("{\"word2idx\": {\"<start>\":0,\"<pad>\":1,\"<end>\":2,\"<unk>\":3}}", "0 to 3")]
    public void Hostile_vocabularies_are_one_sentence(string json, string expected)
    {
        var path = _folder.Write("v.json", json);
        var error = Assert.Throws<DataException>(() => Vocabulary.Load(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_are_strict_about_bytes_and_gaps()
    {
        Assert.Equal(["a", "b"], TextFile.ReadLines(_folder.Write("a.txt", "\uFEFFa\r\nb\n")));
        Assert.Contains("line 2", Assert.Throws<DataException>(
            () => TextFile.ReadLines(_folder.Write("b.txt", "a\n\nb"))).Message, StringComparison.Ordinal);
        Assert.Contains("UTF-8", Assert.Throws<DataException>(
            () => TextFile.ReadLines(_folder.Write("c.txt", [0x61, 0xFF, 0x62]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Word_ids_stand_between_start_and_end_and_cuts_are_counted()
    {
        using var captions = new WordCaptions(["a b c", "a q"], Vocabulary.Build(["a b c"], 1), maxWords: 2);
        Assert.Equal(1, captions.Truncated);
        var rows = Assert.IsAssignableFrom<CaptionRows<long>>(captions.Rows([1, 0], Ct));
        var row = new long[rows.Length(0)];
        rows.Fill(0, row);
        Assert.Equal([1L, 4, 3, 2], row);
        row = new long[rows.Length(1)];
        rows.Fill(1, row);
        Assert.Equal([1L, 4, 5, 2], row);
    }

    [Fact]
    public void Queries_without_a_known_word_are_refused_in_a_sentence()
    {
        using var captions = new WordCaptions(["a dog"], Vocabulary.Build(["a dog"], 1), 0);
        Assert.Equal(4, captions.Rows(["a flying dog"]) is CaptionRows<long> rows ? rows.Length(0) - 1 : 0);
        Assert.Contains(
            "empty", Assert.Throws<DataException>(() => captions.Rows(["  "])).Message, StringComparison.Ordinal);
        Assert.Contains("'xyzzy plugh'", Assert.Throws<DataException>(() => captions.Rows(["xyzzy plugh"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Captions_of_which_none_has_a_known_word_are_of_other_data()
    {
        var other = Vocabulary.Build(["xyzzy"], 1);
        var error = Assert.Throws<DataException>(() => new WordCaptions(["a dog", "a cat"], other, 0));
        Assert.Contains("None of the 2 captions", error.Message, StringComparison.Ordinal);
        Assert.Contains("vocabulary_file", error.Message, StringComparison.Ordinal);
        new WordCaptions(["a dog", "xyzzy"], other, 0).Dispose();
        var table = _folder.WriteNpy("other.npy", NpyType.Float32, [1, 2], [1, 2]);
        var vectors = WordVectors.Read(table, _folder.Write("other.txt", "xyzzy"));
        Assert.Throws<DataException>(() => new VectorCaptions(["a dog"], vectors, 0));
    }

    [Fact]
    public void Vectors_stand_behind_a_zero_row_and_unknown_words_are_zero()
    {
        var table = _folder.WriteNpy("v.npy", NpyType.Float32, [2, 2], [1, 2, 3, 4]);
        var words = _folder.Write("w.txt", "dog\ncat\n");
        using var captions = new VectorCaptions(["cat bird dog"], WordVectors.Read(table, words), 0);
        Assert.Equal(2, captions.WordDim);
        var rows = Assert.IsAssignableFrom<CaptionRows<float>>(captions.Rows([0], Ct));
        var row = new float[rows.Length(0) * rows.Width];
        Array.Fill(row, 9);
        rows.Fill(0, row);
        Assert.Equal([0f, 0, 3, 4, 0, 0, 1, 2], row);
        Assert.Throws<DataException>(() => captions.Rows(["bird"]));
    }

    [Fact]
    public void Vector_tables_and_words_must_agree()
    {
        var table = _folder.WriteNpy("v.npy", NpyType.Float32, [2, 2], [1, 2, 3, 4]);
        var three = _folder.Write("w3.txt", "a\nb\nc");
        Assert.Contains("3 words", Assert.Throws<DataException>(() => WordVectors.Read(table, three)).Message,
            StringComparison.Ordinal);
        var twice = _folder.Write("w2.txt", "a\na");
        Assert.Contains("line 2", Assert.Throws<DataException>(() => WordVectors.Read(table, twice)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Flickr8k_has_the_vocabulary_of_the_reference_runs()
    {
        var train = TextFile.ReadLines(SharedFolder.Find("data", "flickr8k", "train_caps.txt"));
        var dev = TextFile.ReadLines(SharedFolder.Find("data", "flickr8k", "dev_caps.txt"));
        Assert.Equal(30_000, train.Length);

        // The data's page says 7,384; Python's re.findall(r"[^\W_]+|[^\s]") over the same file finds 7,383 as well.
        Assert.Equal(7_383, train.SelectMany(Tokenizer.Tokenize).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(40, train.Max(caption => Tokenizer.Tokenize(caption).Count));
        var vocabulary = Vocabulary.Build(train.Concat(dev), 4);
        Assert.Equal(3_169, vocabulary.Count);
        Assert.Equal("a", vocabulary[4]);
    }
}
