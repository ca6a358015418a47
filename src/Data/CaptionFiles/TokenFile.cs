using System.Globalization;

namespace Colony.Data;

/// <summary>
/// The token file of Flickr8k and Flickr30k (<c>Flickr8k.token.txt</c>, <c>results_20130124.token</c>): lines
/// <c>NAME#NUMBER</c>, a tab, the caption. Which image is in which split is said by a list of file names each.
/// </summary>
internal sealed class TokenFile : CaptionFile
{
    private const string Meaning = "a line is an image's file name, #, the caption's number, a tab and the caption";

    private readonly Dictionary<string, Found> _images = new(StringComparer.Ordinal);

    private TokenFile(string path, DatasetOptions options)
        : base(path, options)
    {
    }

    public override int Count => _images.Count;

    /// <summary>Reads the file of a data set.</summary>
    public static TokenFile Read(DatasetOptions options)
    {
        var path = options.InFolder(options.CaptionFile);
        var file = new TokenFile(path, options);
        var lines = TextFile.ReadLines(path);
        for (var line = 0; line < lines.Length; line++)
        {
            file.Add(lines[line], line + 1);
        }

        return file.Count > 0 ? file : throw DataException.In(path, $"has no captions; {Meaning}");
    }

    protected override IReadOnlyList<ListedImage> Choose(string split)
    {
        var path = Options.InFolder(Options.SplitList.Replace("{split}", split, StringComparison.Ordinal));
        var names = TextFile.ReadLines(path);
        if (names.Length == 0)
        {
            throw DataException.In(path, "names no image; write one file name a line");
        }

        var chosen = new HashSet<string>(StringComparer.Ordinal);
        var images = new ListedImage[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            var name = names[i].Trim();
            if (!chosen.Add(name))
            {
                throw DataException.In(path, $"line {i + 1}: {name} is there twice; name every image once");
            }

            images[i] = _images.TryGetValue(name, out var found)
                ? found.Listed(name, Path)
                : throw DataException.In(
                    path, $"line {i + 1}: {Path} has no captions of {name}; correct the name or take the line out");
        }

        return images;
    }

    private void Add(string line, int number)
    {
        var tab = line.IndexOf('\t', StringComparison.Ordinal);
        var mark = tab < 0 ? -1 : line.LastIndexOf('#', tab);
        if (mark <= 0 || !int.TryParse(
            line.AsSpan(mark + 1, tab - mark - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var caption))
        {
            throw DataException.In(Path, $"line {number}: {Meaning}");
        }

        var text = line[(tab + 1)..].Trim();
        if (text.Length == 0)
        {
            throw DataException.In(Path, $"line {number}: the caption is empty; write one there");
        }

        var name = line[..mark];
        if (!_images.TryGetValue(name, out var found))
        {
            SampleFile.CheckName(name, $"{Path}: line {number}");
            _images.Add(name, found = new Found(_images.Count, number));
        }

        if (!found.Captions.TryAdd(caption, new AnnotatedCaption(number, text)))
        {
            throw DataException.In(
                Path, $"line {number}: caption {caption} of {name} is there twice; number the captions of an image");
        }
    }

    /// <summary>An image while the file is read.</summary>
    /// <param name="row">Its place among the images.</param>
    /// <param name="line">The line that named it first.</param>
    private sealed class Found(int row, int line)
    {
        /// <summary>Captions by their number.</summary>
        public SortedDictionary<int, AnnotatedCaption> Captions { get; } = [];

        public ListedImage Listed(string name, string path)
        {
            var stem = System.IO.Path.GetFileNameWithoutExtension(name);
            return new ListedImage(
                row, "", new AnnotatedImage(row, stem, 0, 0) { FileName = name }, [.. Captions.Values],
                $"{path}: line {line}");
        }
    }
}
