namespace Colony.Data.Tests;

/// <summary>Data sets with <c>text: bert</c>.</summary>
public sealed class WordPieceCaptionTests : IDisposable
{
    private const string Pieces = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\ndog\n##s\nran\n.\n";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private DatasetOptions Tiny(string captions = "A dog .\nDogs ran\nzebra ran .\nran\n")
    {
        _folder.WriteNpy("train_ims.npy", NpyType.Float32, [2, 1, 2], [3, 4, 5, 12]);
        _folder.Write("train_caps.txt", captions);
        _folder.Write("vocab.txt", Pieces);
        return new DatasetOptions
        {
            Path = _folder.Path, Text = "bert", WordPieces = "vocab.txt", CaptionsPerImage = 2,
        };
    }

    [Fact]
    public void Captions_are_pieces_between_cls_and_sep()
    {
        using var data = Datasets.Open(Tiny(), "train");
        using var batch = data.LoadCaptions([0, 1, 2, 3], TestContext.Current.CancellationToken);
        Assert.Equal([4L, 5], batch["captions"].shape);
        Assert.Equal(
            [2L, 5, 6, 9, 3, 2, 6, 7, 8, 3, 2, 1, 8, 9, 3, 2, 8, 3, 0, 0], batch["captions"].data<long>().ToArray());
        Assert.Equal([5L, 5, 5, 3], batch["cap_len"].data<long>().ToArray());
        Assert.Equal((10, 5, 0), (data.VocabularySize, data.LongestCaption, data.TruncatedCaptions));
        Assert.Null(data.Vocabulary);
    }

    [Fact]
    public void Longer_captions_lose_their_last_pieces_and_are_counted()
    {
        using var data = Datasets.Open(Tiny() with { MaxWords = 2 }, "train");
        using var batch = data.LoadCaptions([0], TestContext.Current.CancellationToken);
        Assert.Equal([2L, 5, 6, 3], batch["captions"].data<long>().ToArray());
        Assert.Equal((4, 3), (data.LongestCaption, data.TruncatedCaptions));
    }

    [Fact]
    public void Cased_rules_keep_capitals_apart()
    {
        using var data = Datasets.Open(Tiny() with { LowerCase = false }, "train");
        using var batch = data.LoadCaptions([0], TestContext.Current.CancellationToken);
        Assert.Equal([2L, 1, 6, 9, 3], batch["captions"].data<long>().ToArray());
    }

    [Fact]
    public void Queries_are_encoded_as_captions_are_and_refused_when_they_say_nothing()
    {
        using var data = Datasets.Open(Tiny(), "train");
        using var query = data.TextBatch(["DOGS"]);
        Assert.Equal([2L, 6, 7, 3], query["captions"].data<long>().ToArray());
        var unknown = Assert.Throws<DataException>(() => data.TextBatch(["qwerty"]));
        Assert.Contains("'qwerty' occurs in the BERT's vocabulary", unknown.Message, StringComparison.Ordinal);
        var empty = Assert.Throws<DataException>(() => data.TextBatch([" "]));
        Assert.Contains("empty", empty.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_caption_without_a_piece_is_named()
    {
        var options = Tiny("A dog .\n\u200b\nran\nran\n");
        var error = Assert.Throws<DataException>(() => Datasets.Open(options, "train"));
        Assert.Contains("Caption 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_vocabulary_must_be_named()
    {
        var options = Tiny() with { WordPieces = "" };
        var error = Assert.Throws<DataException>(() => Datasets.Open(options, "train"));
        Assert.Contains("word_pieces", error.Message, StringComparison.Ordinal);
    }
}
