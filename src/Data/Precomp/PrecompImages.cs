using System.Globalization;

namespace Colony.Data;

/// <summary>The images of a split in SCAN's arrangement: one array for all features of the split.</summary>
internal static class PrecompImages
{
    /// <summary>Opens the arrays of a split and checks that they and the captions go together.</summary>
    public static ArrayImages Open(DatasetOptions options, string split, int captions, string captionsPath)
    {
        var features = ArrayImages.OpenFeatures(options.InFolder($"{split}_{options.Features}.npy"));
        PrecompBoxes? boxes = null;
        try
        {
            var rowsPerImage = RowsPerImage(features, captions, options.CaptionsPerImage, captionsPath);
            var images = (int)(features.Rows / rowsPerImage);
            if (options.Boxes.Length > 0)
            {
                boxes = PrecompBoxes.Open(
                    options, $"{split}_", features.Rows, ArrayImages.RegionsOf(features), features.Path);
            }

            var ids = ReadIds(options.InFolder($"{split}_ids.txt"), images, rowsPerImage, features.Path);
            return new ArrayImages(
                features,
                boxes,
                options.MaxImages > 0 ? Math.Min(options.MaxImages, images) : images,
                image => (long)image * rowsPerImage,
                image => ids?[image] ?? image.ToString(CultureInfo.InvariantCulture));
        }
        catch
        {
            boxes?.Dispose();
            features.Dispose();
            throw;
        }
    }

    /// <summary>
    /// SCAN's rule: as many rows as captions means that every image is there once for each of its captions. That is
    /// taken on the numbers' word by the published loaders; here the first and the last image must really repeat.
    /// </summary>
    private static int RowsPerImage(NpyFile features, int captions, int perImage, string captionsPath)
    {
        if (features.Rows * perImage == captions)
        {
            return 1;
        }

        if (features.Rows != captions || captions % perImage != 0)
        {
            throw DataException.In(
                captionsPath,
                $"has {captions} captions and {features.Path} {features.Rows} rows; {perImage} captions an image need "
                + $"{features.Rows * perImage} captions, or as many rows as captions with every image "
                + $"{perImage} times");
        }

        foreach (var first in new[] { 0L, features.Rows - perImage })
        {
            if (!features.SameRows(first, first + perImage - 1))
            {
                throw DataException.In(
                    features.Path,
                    $"has as many rows as there are captions ({captions}), yet "
                    + $"rows {first} and {first + perImage - 1} are "
                    + $"not the same image; if every image has one caption, say captions_per_image: 1");
            }
        }

        return perImage;
    }

    private static string[]? ReadIds(string path, int images, int rowsPerImage, string featuresPath)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var lines = TextFile.ReadLines(path);
        if (lines.Length == images)
        {
            return lines;
        }

        if (lines.Length == (long)images * rowsPerImage)
        {
            return [.. Enumerable.Range(0, images).Select(image => lines[image * rowsPerImage])];
        }

        throw DataException.In(
            path,
            $"has {lines.Length} ids and {featuresPath} {images} images; give one line an image, or delete the file");
    }
}
