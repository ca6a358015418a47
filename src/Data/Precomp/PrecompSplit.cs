namespace Colony.Data;

/// <summary>Opens both sides of a split in SCAN's arrangement.</summary>
internal static class PrecompSplit
{
    public static (IImages Images, ICaptions Captions) Open(DatasetOptions options, string split)
    {
        var captionsPath = CaptionsPath(options, split);
        var texts = TextFile.ReadLines(captionsPath);
        if (texts.Length == 0)
        {
            throw DataException.In(captionsPath, "has no captions; write one a line");
        }

        var images = PrecompImages.Open(options, split, texts.Length, captionsPath);
        try
        {
            // The vocabulary is of the whole of its splits also where max_images cuts them, so that trying things out
            // keeps the ids.
            return (images, SplitCaptions.Open(
                options,
                texts[..(images.Count * options.CaptionsPerImage)],
                name => TextFile.ReadLines(CaptionsPath(options, name))));
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }

    private static string CaptionsPath(DatasetOptions options, string split) => options.InFolder($"{split}_caps.txt");
}
