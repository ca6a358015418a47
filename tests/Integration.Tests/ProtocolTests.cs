using System.Text;

namespace Colony.Integration.Tests;

/// <summary>How a split is measured is the user's choice, and stands beside the numbers.</summary>
public sealed class ProtocolTests(SmallWorld world)
{
    private const int TrainImages = 64;
    private const int Width = 4;

    [Fact]
    public async Task Coco_1k_is_chosen_in_the_job_and_coco_5k_afterwards()
    {
        string folder = world.Fresh();
        WriteSplit(folder, "train", TrainImages);
        WriteSplit(folder, "testall", 5000);
        string job = folder + ".yaml";
        await File.WriteAllTextAsync(job, Job(folder), TestContext.Current.CancellationToken);
        var run = new RunFiles(world.Fresh());

        Ended trained = await ColonyProcess.RunAsync("train", job, "--out", run.Folder);

        Assert.True(trained.Code == 0, trained.Error + trained.Out);
        var recall = run.Report().GetProperty("recall");
        Assert.Equal("coco_1k_folds", recall.GetProperty("protocol").GetString());
        const string Folds = "recall on testall, COCO 1K: mean of 5 folds of 1000, 5000 images";
        Assert.Contains(Folds, trained.Out, StringComparison.Ordinal);
        Assert.Contains(run.Events(), e => e.TryGetProperty("protocol", out var p) && p.GetString() == "coco_1k_folds");
        Assert.Contains("COCO 1K", await File.ReadAllTextAsync(
            Path.Combine(run.Folder, "report.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // By chance a right answer is among the first 10 of 1,000 five times as often as of 5,000.
        Assert.InRange(recall.GetProperty("t2i").GetProperty("meanr").GetDouble(), 100, 900);
        Ended again = await EvalAsync(run.Folder);
        Assert.Contains(Folds, again.Out, StringComparison.Ordinal);
        Assert.Contains("1.0", Row(again.Out, "chance, text to image"), StringComparison.Ordinal);
        Ended whole = await EvalAsync(run.Folder, "--protocol", "all");
        Assert.Contains("recall on testall, 5000 images", whole.Out, StringComparison.Ordinal);
        Assert.Contains("0.2", Row(whole.Out, "chance, text to image"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("coco_1k_folds", "5 folds of 1000 images", "the split 'test' has 60", "protocol all")]
    [InlineData("coco5k", "'coco5k'", "all", "coco_1k_folds")]
    public async Task A_protocol_that_does_not_fit_is_refused(string protocol, params string[] says)
    {
        string run = await world.ReferenceAsync();
        Refusal.IsOneLine(
            await ColonyProcess.RunAsync("eval", "--run", run, "--split", "test", "--protocol", protocol), says);
    }

    [Fact]
    public async Task A_job_whose_split_is_too_small_for_its_protocol_does_not_begin() => Refusal.IsOneLine(
        await ColonyProcess.RunAsync(
            "train", world.Job, "--out", world.Fresh(), "--set", "evaluate.final_protocol=coco_1k_folds"),
        "the split 'test' has 60");

    private static async Task<Ended> EvalAsync(string run, params string[] more)
    {
        Ended ended = await ColonyProcess.RunAsync(
            ["eval", "--run", run, "--split", "testall", "--checkpoint", "latest", .. more]);
        Assert.True(ended.Code == 0, ended.Error);
        return ended;
    }

    private static string Row(string table, string name) =>
        table.Split('\n').Single(line => line.Contains(name, StringComparison.Ordinal));

    private static string Job(string data) =>
        $$"""
        job: folds
        data: {path: {{data}}, text: words, captions_per_image: 1, min_word_count: 1, vocabulary_from_dev: false}
        batch: {size: 16, logical_ranks: 2}
        model: {name: vse, embed_size: 4, word_dim: 4}
        objective: {name: hinge}
        train: {epochs: 1, max_steps: 2}
        evaluate: {every_steps: 0, split: train, final_split: testall, final_protocol: coco_1k_folds, batch: 500}
        workers: {count: 1}
        """;

    /// <summary>Flat features and one caption of three words an image.</summary>
    private static void WriteSplit(string folder, string split, int images)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(images);
        string[] words = ["dog", "cat", "tree", "ball", "red", "blue", "big", "small"];
        File.WriteAllLines(
            Path.Combine(folder, $"{split}_caps.txt"),
            Enumerable.Range(0, images).Select(_ => string.Join(' ', random.GetItems(words, 3))));
        string text = FormattableString.Invariant(
            $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({images}, {Width}), }}").PadRight(117) + "\n";
        using var file = new BinaryWriter(File.Create(Path.Combine(folder, $"{split}_ims.npy")));
        file.Write([0x93, .. Encoding.ASCII.GetBytes("NUMPY"), 1, 0]);
        file.Write((ushort)text.Length);
        file.Write(Encoding.ASCII.GetBytes(text));
        for (int i = 0; i < images * Width; i++)
        {
            file.Write(random.NextSingle());
        }
    }
}
