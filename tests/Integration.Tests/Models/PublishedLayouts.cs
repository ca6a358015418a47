using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Colony.Testing;

namespace Colony.Integration.Tests;

/// <summary>
/// Data in every layout that the presets read, of the widths that the papers have and with few images: random numbers,
/// and captions of a few words.
/// </summary>
public sealed class PublishedLayouts : IDisposable
{
    private const int Images = 60; // times five captions are more than the largest batch
    private const int HeldOut = 6;
    private const int Captions = 5;
    private const int Regions = 3;
    private const int RegionWidth = 2048;
    private const int VggWidth = 4096;
    private const int BertWidth = 768;
    private const int GloveWidth = 300;
    private const int Cells = 36;

    private static readonly string[] Words = ["a", "dog", "runs", "on", "grass", "with", "two", "red", "balls"];
    private static readonly string[] Splits = ["train", "dev", "test", "testall"];

    private readonly TemporaryFolder _folder = new();
    private readonly Random _random = new(7);

    public PublishedLayouts()
    {
        foreach (string split in Splits)
        {
            int images = split == Splits[0] ? Images : HeldOut;
            string[] captions = [.. Enumerable.Range(0, images * Captions).Select(_ => Caption())];
            foreach (string folder in new[] { "f30k_precomp", "f30k_precomp_vgg", "flickr8k" })
            {
                Text($"{folder}/{split}_caps.txt", captions);
            }

            Npy($"f30k_precomp/{split}_ims.npy", images, Regions, RegionWidth);
            Npy($"f30k_precomp/{split}_boxes.npy", images, Regions, 4);
            Npy($"f30k_precomp/{split}_img_sizes.npy", images, 2);
            Npy($"f30k_precomp_vgg/{split}_ims.npy", images, VggWidth);
            Npy($"flickr8k/{split}_ims.npy", images, 1280);
            Npy($"flickr8k/{split}_ims_grid36.npy", images, Cells, 256);
        }

        Npy("flickr8k/grid36_boxes.npy", Cells, 4);
        Npy("glove/glove300_f8k.npy", Words.Length, GloveWidth);
        Text("glove/glove300_f8k_words.txt", Words);
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Words];
        Text("f30k_precomp/bert/vocab.txt", pieces);
        Text("coco/bert-base-uncased/vocab.txt", pieces);
        Coco();
        Kaylode();
    }

    /// <summary>The folder for a preset's <c>data.path</c>.</summary>
    public string For(string path) => _folder[Path.GetFileName(path) switch
    {
        "coco_precomp" => "f30k_precomp",
        "coco_precomp_vgg" or "coco_10crop" => "f30k_precomp_vgg",
        string name => name,
    }];

    public void Dispose() => _folder.Dispose();

    private static string File(int image) => string.Create(CultureInfo.InvariantCulture, $"{image:D6}");

    // As TERN's authors publish COCO: two files of captions, and lists of annotations for the splits.
    private void Coco()
    {
        var annotations = new Dictionary<string, List<object>> { ["train"] = [], ["val"] = [] };
        var ids = new Dictionary<string, List<long>> { ["train"] = [], ["restval"] = [], ["dev"] = [], ["test"] = [] };
        int total = Images + (3 * HeldOut);
        for (int image = 0; image < total; image++)
        {
            Npy($"coco/features_36/cocobu_att/{image}.npy", Regions, RegionWidth);
            Npy($"coco/features_36/cocobu_box/{image}.npy", Regions, 4);
            string split = image < Images ? "train" : ids.Keys.ElementAt(1 + ((image - Images) / HeldOut));
            for (int k = 0; k < Captions; k++)
            {
                long id = (image * Captions) + k;
                ids[split].Add(id);
                annotations[image < Images ? "train" : "val"].Add(new { id, image_id = image, caption = Caption() });
                Npy($"coco/bert_features/{id}.npy", 4 + (k % 3), BertWidth);
            }
        }

        foreach ((string part, List<object> list) in annotations)
        {
            IEnumerable<int> images = Enumerable.Range(0, total).Where(image => image < Images == (part == "train"));
            Text($"coco/captions_{part}2014.json", JsonSerializer.Serialize(new
            {
                images = images.Select(id => new { id, file_name = $"{File(id)}.jpg", width = 640, height = 480 }),
                annotations = list,
            }));
        }

        foreach ((string split, List<long> list) in ids)
        {
            Npy($"coco/coco_{split}_ids.npy", "<i8", [list.Count], MemoryMarshal.AsBytes(list.ToArray().AsSpan()));
        }
    }

    private void Kaylode()
    {
        int image = 0, id = 0;
        foreach (string split in new[] { Splits[0], "val", "test" })
        {
            var images = new List<object>();
            var annotations = new List<object>();
            for (int last = image + (split == Splits[0] ? Images : HeldOut); image < last; image++)
            {
                Npy($"f30k/bottom_up/data_att/{File(image)}.npy", Regions, RegionWidth);
                Npy($"f30k/bottom_up/data_box/{File(image)}.npy", Regions, 5);
                images.Add(new { id = image, file_name = $"{File(image)}.jpg", width = 640, height = 480 });
                for (int k = 0; k < Captions; k++, id++)
                {
                    annotations.Add(new { id, image_id = image, caption = Caption() });
                    Npy($"f30k/bert_features/{id}.npy", 4 + (k % 3), BertWidth);
                }
            }

            Text($"f30k/{split}.json", JsonSerializer.Serialize(new { images, annotations }));
        }
    }

    private string Caption() =>
        string.Join(' ', Enumerable.Range(0, _random.Next(4, 9)).Select(_ => Words[_random.Next(Words.Length)]));

    private void Text(string name, params string[] lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        System.IO.File.WriteAllLines(_folder[name], lines);
    }

    private void Npy(string name, params int[] shape)
    {
        float[] values = new float[shape.Aggregate(1, (a, b) => a * b)];
        foreach (ref float value in values.AsSpan())
        {
            value = _random.NextSingle();
        }

        Npy(name, "<f4", shape, MemoryMarshal.AsBytes(values.AsSpan()));
    }

    // numpy's format, version 1: magic, length of the header, the header up to a multiple of 64, the values.
    private void Npy(string name, string type, int[] shape, ReadOnlySpan<byte> values)
    {
        string said = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({string.Join(", ", shape)},), }}";
        string header = said.PadRight((((10 + said.Length + 1 + 63) / 64) * 64) - 11) + "\n";
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        using FileStream file = System.IO.File.Create(_folder[name]);
        file.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        file.Write(Encoding.ASCII.GetBytes(header));
        file.Write(values);
    }
}
