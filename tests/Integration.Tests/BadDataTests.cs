using System.Text;
using System.Text.Json;

namespace Colony.Integration.Tests;

/// <summary>Data that is not what it says it is: one line that names the file, and nothing half-written.</summary>
public sealed class BadDataTests(SmallWorld world)
{
    private const int HeaderBytes = 128;
    private const int BytesPerImage = 36 * 64 * 2;

    [Fact]
    public async Task A_cut_off_array() => await RefusedAsync(
        data => Cut(Path.Combine(data, "train_ims.npy"), 100), "train_ims.npy: cut short");

    [Fact]
    public async Task A_header_that_promises_more_than_the_file_has() => await RefusedAsync(
        data => Replace(
            Path.Combine(data, "train_ims.npy"), "(80, 36, 64)", "(90, 36, 64)"), "train_ims.npy: cut short");

    [Fact]
    public async Task A_header_that_promises_more_than_memory() => await RefusedAsync(
        data => Replace(Path.Combine(data, "train_ims.npy"), "(80, 36, 64), }         ", "(80000000000, 36, 64), }"),
        "train_ims.npy");

    [Fact]
    public async Task Captions_that_do_not_match_the_images() => await RefusedAsync(
        data => DropLines(Path.Combine(data, "train_caps.txt"), 7), "train_caps.txt: has 393 captions");

    [Fact]
    public async Task Boxes_of_two_numbers() => await RefusedAsync(
        data => Replace(
            Path.Combine(data, "train_boxes.npy"), "(80, 36, 4)", "(80, 72, 2)"), "train_boxes.npy: has the shape");

    [Fact]
    public async Task An_empty_caption() => await RefusedAsync(
        data => Line(Path.Combine(data, "train_caps.txt"), 17, " "),
        "train_caps.txt: line 17 is empty; every line stands for one row");

    [Fact]
    public async Task A_caption_longer_than_the_model_takes() => await RefusedAsync(
        data => Line(Path.Combine(data, "dev_caps.txt"), 23, string.Join(' ', Enumerable.Repeat("dog", 60))),
        "dev_caps.txt: line 23: the caption has 62 positions", "the model takes 48",
        "data.max_words: 46 cuts longer captions");

    [Fact]
    public async Task A_vocabulary_of_other_data() => await RefusedAsync(
        data => File.WriteAllText(
            Path.Combine(data, "words.json"),
            """{"word2idx": {"<pad>": 0, "<start>": 1, "<end>": 2, "<unk>": 3, "xyzzy": 4}}"""),
        ["None of the 400 captions has a word that occurs in the vocabulary; check vocabulary_file"],
        "data.vocabulary_file=words.json");

    /// <summary>The world's captions in Karpathy's layout, one of them blank.</summary>
    [Fact]
    public async Task A_karpathy_file_with_a_blank_caption() => await RefusedAsync(
        data => Karpathy(data, blank: 7),
        ["dataset.json: images[1]: sentences[2]: 'raw' is missing or no text"],
        "data.format=karpathy", "data.caption_file=dataset.json", "data.features=train_ims.npy");

    [Fact]
    public async Task A_folder_that_is_not_there() => await RefusedAsync(
        data => Directory.Delete(data, recursive: true), "there is no folder");

    /// <summary>Found by a worker while it trains; the run ends with the worker's own words.</summary>
    [Fact]
    public async Task A_feature_that_is_no_number()
    {
        const int Row = 77;
        Ended ended = await RefusedAsync(
            data =>
            {
                string file = Path.Combine(data, "train_ims.npy");
                byte[] bytes = File.ReadAllBytes(file);
                BitConverter.TryWriteBytes(bytes.AsSpan(HeaderBytes + (Row * BytesPerImage) + 100), Half.NaN);
                File.WriteAllBytes(file, bytes);
            },
            $"train_ims.npy: row {Row} holds NaN at value 50");
        Assert.Contains("worker", ended.Error, StringComparison.Ordinal);
    }

    private Task<Ended> RefusedAsync(Action<string> spoil, params string[] says) => RefusedAsync(spoil, says, []);

    private async Task<Ended> RefusedAsync(Action<string> spoil, string[] says, params string[] sets)
    {
        string data = world.CopyOfWorld();
        spoil(data);
        var run = new RunFiles(world.Fresh());

        Ended ended = await ColonyProcess.RunAsync(
            ["train", world.JobOn(data), "--out", run.Folder, .. sets.SelectMany(set => new[] { "--set", set })]);

        Refusal.IsOneLine(ended, says);
        Assert.False(
            Directory.Exists(
                run.Checkpoints) && Directory.EnumerateFiles(run.Checkpoints, "*", SearchOption.AllDirectories).Any(),
            "a checkpoint was begun");
        return ended;
    }

    private static void Line(string file, int number, string text)
    {
        string[] lines = File.ReadAllLines(file);
        lines[number - 1] = text;
        File.WriteAllLines(file, lines);
    }

    private static void Karpathy(string data, int blank)
    {
        string[] captions = File.ReadAllLines(Path.Combine(data, "train_caps.txt"));
        var images = captions.Chunk(5).Select((own, i) => new
        {
            split = "train",
            filename = $"{i}.svg",
            imgid = i,
            sentences = own.Select((text, k) => new
            {
                raw = (i * 5) + k == blank ? " " : text,
                sentid = (i * 5) + k,
            }),
        });
        File.WriteAllText(Path.Combine(data, "dataset.json"), JsonSerializer.Serialize(new { images }));
    }

    private static void Cut(string file, int bytes)
    {
        using FileStream stream = File.OpenWrite(file);
        stream.SetLength(stream.Length - bytes);
    }

    private static void Replace(string file, string old, string with)
    {
        byte[] bytes = File.ReadAllBytes(file);
        int at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(old));
        Assert.True(at > 0 && old.Length == with.Length, $"{file} has no '{old}' to put '{with}' in place of");
        Encoding.ASCII.GetBytes(with).CopyTo(bytes, at);
        File.WriteAllBytes(file, bytes);
    }

    private static void DropLines(
        string file, int count) => File.WriteAllLines(file, File.ReadAllLines(file).SkipLast(count));
}
