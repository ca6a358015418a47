using System.Globalization;
using System.Text;
using System.Text.Json;
using Colony.Testing;

namespace Colony.Data.Tests;

/// <summary>Flickr8k rewritten into Karpathy's and Flickr's own layouts: the same words, batches and names as from
/// SCAN's.</summary>
public sealed class Flickr8kLayoutsTests : IDisposable
{
    private static readonly string[] Splits = ["train", "dev", "test"];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("karpathy", "{split}_ims.npy")]
    [InlineData("tokens", "{split}_ims.npy")]
    [InlineData("karpathy", "all.npy")]
    [InlineData("tokens", "all.npy")]
    public void The_same_data_in_another_layout(string format, string features)
    {
        var source = SharedFolder.Find("data", "flickr8k");
        var precomp = new DatasetOptions { Path = source };
        var (ids, captions) = (Lines("ids"), Lines("caps"));
        WriteFeatures(source, features, ids);
        _folder.Write("captions", format == "karpathy" ? Karpathy(ids, captions) : TokenLines(ids, captions));
        foreach (var split in Splits)
        {
            _folder.Write($"Flickr_8k.{split}Images.txt", string.Join('\n', ids[split]) + "\n");
        }

        var other = new DatasetOptions
        {
            Path = _folder.Path, Format = format, CaptionFile = "captions", Features = features,
        };
        foreach (var split in Splits)
        {
            using var expected = Datasets.Open(precomp, split);
            using var actual = Datasets.Open(other, split);
            Same(expected, actual);
        }
    }

    private static Dictionary<string, string[]> Lines(string kind) => Splits.ToDictionary(
        split => split,
        split => File.ReadAllLines(SharedFolder.Find("data", "flickr8k", $"{split}_{kind}.txt")),
        StringComparer.Ordinal);

    private static void Same(IDataset expected, IDataset actual)
    {
        Assert.Equal(
            (expected.Samples, expected.Images, expected.FeatureDim, expected.LongestCaption),
            (actual.Samples, actual.Images, actual.FeatureDim, actual.LongestCaption));
        var words = expected.Vocabulary!;
        Assert.Equal(words.Count, actual.Vocabulary!.Count);
        Assert.All(Enumerable.Range(0, words.Count), id => Assert.Equal(words[id], actual.Vocabulary[id]));
        for (var image = 0; image < expected.Images; image++)
        {
            Assert.Equal(expected.ImageId(image), actual.ImageId(image));
        }

        int[] samples = [.. Enumerable.Range(0, 128).Select(i => (int)((long)i * 7919 % expected.Samples))];
        using var one = expected.Load(samples, TestContext.Current.CancellationToken);
        using var two = actual.Load(samples, TestContext.Current.CancellationToken);
        Assert.Equal(one.Names, two.Names);
        Assert.All(one, pair =>
        {
            Assert.Equal(pair.Value.shape, two[pair.Key].shape);
            Assert.True(pair.Value.bytes().Span.SequenceEqual(two[pair.Key].bytes().Span), pair.Key);
        });
        Assert.All(samples, sample => Assert.Equal(expected.Caption(sample).Trim(), actual.Caption(sample)));
    }

    private void WriteFeatures(string source, string features, Dictionary<string, string[]> ids)
    {
        if (features.Contains("{split}", StringComparison.Ordinal))
        {
            Assert.All(Splits, split => File.CreateSymbolicLink(
                _folder.File($"{split}_ims.npy"), Path.Combine(source, $"{split}_ims.npy")));
            return;
        }

        // The rows of all images in the order in which both files list them.
        using var writer = NpyWriter.Create(
            _folder.File(features), NpyType.Float16, ids.Values.Sum(list => list.Length), 1280);
        foreach (var split in Splits)
        {
            using var file = NpyFile.Open(Path.Combine(source, $"{split}_ims.npy"));
            var row = new float[1280];
            for (var i = 0; i < ids[split].Length; i++)
            {
                file.ReadRow(i, row);
                writer.Write(row);
            }
        }

        writer.Complete();
    }

    private static string Karpathy(Dictionary<string, string[]> ids, Dictionary<string, string[]> captions)
    {
        var image = 0;
        var images = Splits.SelectMany(split => ids[split].Select((name, i) => new
        {
            split = split == "dev" ? "val" : split,
            filename = name,
            imgid = image++,
            sentids = Enumerable.Range(0, 5).Select(k => ((image - 1) * 5) + k).ToArray(),
            sentences = Enumerable.Range(0, 5).Select(k => new
            {
                raw = captions[split][(i * 5) + k],
                tokens = captions[split][(i * 5) + k].Split(' '),
                imgid = image - 1,
                sentid = ((image - 1) * 5) + k,
            }).ToArray(),
        })).ToArray();
        return JsonSerializer.Serialize(new { images, dataset = "flickr8k" });
    }

    private static string TokenLines(Dictionary<string, string[]> ids, Dictionary<string, string[]> captions)
    {
        var text = new StringBuilder();
        foreach (var split in Splits)
        {
            for (var i = 0; i < captions[split].Length; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{ids[split][i / 5]}#{i % 5}\t{captions[split][i]}\n");
            }
        }

        return text.ToString();
    }
}
