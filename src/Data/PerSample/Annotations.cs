using System.Globalization;
using System.Text.Json;

namespace Colony.Data;

/// <summary>An image as COCO-style annotations name it; width and height are 0 where they are not given.</summary>
internal sealed record AnnotatedImage(long Id, string Stem, float Width, float Height)
{
    public string IdText => Id.ToString(CultureInfo.InvariantCulture);

    /// <summary>What people call the image, where that is not what its feature file is named by.</summary>
    public string? FileName { get; init; }
}

/// <summary>A caption with the id of its annotation.</summary>
internal sealed record AnnotatedCaption(long Id, string Text);

/// <summary>
/// The images and captions of a split from COCO-style JSON <c>{images: [{id, file_name, width, height}],
/// annotations: [{id, image_id, caption}]}</c>: images in the order in which their first caption appears, the first
/// captions of each.
/// </summary>
internal sealed class Annotations
{
    private const string Meaning = "COCO-style annotations have 'images' and 'annotations', lists of objects";

    private Annotations(IReadOnlyList<AnnotatedImage> images, IReadOnlyList<AnnotatedCaption> captions)
    {
        Images = images;
        Captions = captions;
    }

    public IReadOnlyList<AnnotatedImage> Images { get; }

    /// <summary>Image-major, the same number for each image.</summary>
    public IReadOnlyList<AnnotatedCaption> Captions { get; }

    /// <summary>Reads the files of a split.</summary>
    /// <param name="paths">The JSON files, read as one.</param>
    /// <param name="idsPaths">The <c>.npy</c> files with the annotation ids of the split, read as one; none for all
    /// annotations.</param>
    /// <param name="perImage">Captions of an image; more are left out, fewer are an error.</param>
    public static Annotations Read(IReadOnlyList<string> paths, IReadOnlyList<string> idsPaths, int perImage)
    {
        var images = new Dictionary<long, AnnotatedImage>();
        var captions = new Dictionary<long, (long Image, AnnotatedCaption Caption)>();
        var order = new List<long>();
        foreach (var path in paths)
        {
            using var document = JsonFile.Open(path);
            foreach (var (entry, place) in JsonFields.Objects(document.RootElement, "images", path, Meaning))
            {
                var image = ReadImage(entry, place);
                images[image.Id] = image;
            }

            foreach (var (entry, place) in JsonFields.Objects(
                document.RootElement, "annotations", path, Meaning))
            {
                var caption = new AnnotatedCaption(
                    JsonFields.Whole(entry, "id", place), JsonFields.Text(entry, "caption", place));
                if (!captions.TryAdd(caption.Id, (JsonFields.Whole(entry, "image_id", place), caption)))
                {
                    throw DataException.In(place, $"the annotation id {caption.Id} is there twice");
                }

                order.Add(caption.Id);
            }
        }

        return idsPaths.Count == 0
            ? Group(images, captions, order, perImage, paths[0])
            : Group(images, captions, ReadIds(idsPaths), perImage, string.Join(", ", idsPaths));
    }

    private static Annotations Group(
        Dictionary<long, AnnotatedImage> images,
        Dictionary<long, (long Image, AnnotatedCaption Caption)> captions,
        List<long> order,
        int perImage,
        string place)
    {
        var grouped = new Dictionary<long, List<AnnotatedCaption>>();
        var chosen = new List<long>();
        foreach (var id in order)
        {
            if (!captions.TryGetValue(id, out var found))
            {
                throw DataException.In(place, $"names the annotation {id}, which the annotation files do not have");
            }

            if (!grouped.TryGetValue(found.Image, out var list))
            {
                grouped[found.Image] = list = [];
                chosen.Add(found.Image);
            }

            if (list.Count < perImage)
            {
                list.Add(found.Caption);
            }
        }

        if (chosen.Count == 0)
        {
            throw DataException.In(place, "has no annotations; name the file of another split");
        }

        foreach (var id in chosen)
        {
            if (!images.ContainsKey(id))
            {
                throw DataException.In(place, $"has captions for the image {id}, which 'images' does not list");
            }

            if (grouped[id].Count < perImage)
            {
                throw DataException.In(
                    place,
                    $"has {grouped[id].Count} captions for the image {id}, and captions_per_image is {perImage}");
            }
        }

        return new Annotations(
            [.. chosen.Select(id => images[id])], [.. chosen.SelectMany(id => grouped[id])]);
    }

    private static List<long> ReadIds(IReadOnlyList<string> paths)
    {
        var ids = new List<long>();
        var seen = new HashSet<long>();
        foreach (var path in paths)
        {
            using var file = NpyFile.Open(path).WithShape([-1], "one column of annotation ids");
            for (long row = 0; row < file.Rows; row++)
            {
                var id = file.ReadWhole(row);
                if (!seen.Add(id))
                {
                    throw DataException.In(
                        path, $"row {row} names the annotation {id} a second time; a caption belongs to a split once");
                }

                ids.Add(id);
            }
        }

        return ids;
    }

    private static AnnotatedImage ReadImage(JsonElement entry, string place)
    {
        var name = entry.TryGetProperty("file_name", out _) ? JsonFields.Text(entry, "file_name", place) : "";
        return new AnnotatedImage(
            JsonFields.Whole(entry, "id", place),
            Path.GetFileNameWithoutExtension(name),
            JsonFields.Size(entry, "width"),
            JsonFields.Size(entry, "height"));
    }
}
