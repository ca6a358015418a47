using System.Text.Json;

namespace Colony.Data;

/// <summary>
/// Karpathy's <c>dataset_flickr8k.json</c>, <c>dataset_flickr30k.json</c>, <c>dataset_coco.json</c> (Karpathy and
/// Fei-Fei, CVPR 2015): <c>{images: [{split, filename, imgid, sentids, sentences: [{raw, tokens, sentid}]}]}</c>, and
/// <c>cocoid</c> with COCO.
/// </summary>
internal sealed class KarpathyFile : CaptionFile
{
    private const string Meaning = "Karpathy's dataset file has 'images', and each of them 'sentences'";

    /// <summary>What published jobs call the split that Karpathy calls <c>val</c>.</summary>
    private const string Development = "dev";

    /// <summary>The splits that an error lists.</summary>
    private const int Shown = 8;

    private readonly List<ListedImage> _images = [];

    private KarpathyFile(string path, DatasetOptions options)
        : base(path, options)
    {
    }

    public override int Count => _images.Count;

    /// <summary>Reads the file of a data set.</summary>
    public static KarpathyFile Read(DatasetOptions options)
    {
        var path = options.InFolder(options.CaptionFile);
        var file = new KarpathyFile(path, options);
        var (ids, sentences) = (new HashSet<long>(), new HashSet<long>());
        var names = new HashSet<string>(StringComparer.Ordinal);
        using var document = JsonFile.Open(path);
        foreach (var (entry, place) in JsonFields.Objects(document.RootElement, "images", path, Meaning))
        {
            var image = ReadImage(entry, place, options);
            if (!ids.Add(image.Id) || !names.Add(image.FileName!))
            {
                throw DataException.In(
                    place, $"the image {image.Id}, {image.FileName}, is there twice; write every image once");
            }

            var captions = ReadCaptions(entry, place, options, sentences);
            var split = JsonFields.Text(entry, "split", place);
            file._images.Add(new ListedImage(file.Count, split, image, captions, place));
        }

        return file;
    }

    protected override IReadOnlyList<ListedImage> Choose(string split)
    {
        var wanted = split switch
        {
            Development or "val" => [Development, "val"],
            "train" when Options.Restval => ["train", "restval"],
            _ => new[] { split },
        };
        var images = _images.Where(image => wanted.Contains(image.Split, StringComparer.Ordinal)).ToArray();
        return images.Length > 0 ? images : throw DataException.In(
            Path,
            $"has no image of the split '{split}'; its splits are "
            + string.Join(
                ", ", _images.Select(image => $"'{image.Split}'").Distinct(StringComparer.Ordinal).Take(Shown)));
    }

    private static AnnotatedImage ReadImage(JsonElement entry, string place, DatasetOptions options)
    {
        var name = JsonFields.Text(entry, "filename", place);
        SampleFile.CheckName(name, place);
        return new AnnotatedImage(
            JsonFields.Whole(entry, options.NamedBy == "cocoid" ? "cocoid" : "imgid", place),
            System.IO.Path.GetFileNameWithoutExtension(name),
            JsonFields.Size(entry, "width"),
            JsonFields.Size(entry, "height"))
        {
            FileName = name,
        };
    }

    private static List<AnnotatedCaption> ReadCaptions(
        JsonElement entry, string place, DatasetOptions options, HashSet<long> seen)
    {
        var captions = new List<AnnotatedCaption>();
        var ids = new List<long>();
        foreach (var (sentence, here) in JsonFields.Objects(entry, "sentences", place, Meaning))
        {
            var id = JsonFields.Whole(sentence, "sentid", here);
            if (!seen.Add(id))
            {
                throw DataException.In(here, $"the sentence {id} is there twice; write every sentence once");
            }

            ids.Add(id);
            if (captions.Count < options.CaptionsPerImage)
            {
                captions.Add(new AnnotatedCaption(id, options.CaptionText == "tokens"
                    ? Tokens(sentence, here)
                    : JsonFields.Text(sentence, "raw", here)));
            }
        }

        CheckIds(entry, place, ids);
        return captions;
    }

    /// <summary>The list beside the sentences must say the same, where there is one: a file that was cut or put
    /// together by hand is found by it.</summary>
    private static void CheckIds(JsonElement entry, string place, List<long> ids)
    {
        if (!entry.TryGetProperty("sentids", out var list))
        {
            return;
        }

        var same = list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == ids.Count
            && list.EnumerateArray().All(id =>
                id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number) && ids.Contains(number));
        if (!same)
        {
            throw DataException.In(
                place, $"'sentids' is not the list of its {ids.Count} sentences; take the file as it was published");
        }
    }

    private static string Tokens(JsonElement sentence, string place)
    {
        if (!sentence.TryGetProperty("tokens", out var list) || list.ValueKind != JsonValueKind.Array
            || list.GetArrayLength() == 0)
        {
            throw DataException.In(place, "'tokens' is missing or has no word; say caption_text: raw, or write them");
        }

        return string.Join(' ', list.EnumerateArray().Select((token, at) => JsonFields.TextOf(token)
            ?? throw DataException.In(place, $"tokens[{at}] is no word; say caption_text: raw, or write it again")));
    }
}
