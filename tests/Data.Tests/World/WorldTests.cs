using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Colony.Data.Tests;

public sealed partial class WorldTests
{
    private static readonly WorldOptions Small =
        new() { DevScenes = 20, TestScenes = 20, Regions = 8, FeatureDim = 16 };

    private readonly ITestOutputHelper _output;

    public WorldTests(ITestOutputHelper output) => _output = output;

    [Fact]
    public void Captions_are_five_different_English_sentences()
    {
        var maker = new SceneMaker(3);
        var grammar = new CaptionGrammar(3);
        for (var i = 0; i < 3000; i++)
        {
            var captions = grammar.Captions(maker.Next());
            Assert.Equal(5, captions.Distinct(StringComparer.Ordinal).Count());
            foreach (var caption in captions)
            {
                Assert.True(char.IsAsciiLetterUpper(caption[0]), caption);
                Assert.EndsWith(" .", caption, StringComparison.Ordinal);
                Assert.DoesNotMatch(WrongArticle(), caption);
                Assert.DoesNotMatch(WrongNumber(), caption);
                Assert.DoesNotContain("  ", caption, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void The_grammar_check_can_fail()
    {
        Assert.Matches(WrongArticle(), "There is a orange ball .");
        Assert.Matches(WrongArticle(), "An red umbrella .");
        Assert.Matches(WrongNumber(), "Two big red box on the sand .");
        Assert.Matches(WrongNumber(), "A puppies .");
        Assert.Equal("an orange ball", CaptionGrammar.WithArticle("orange ball"));
        Assert.Equal("a red umbrella", CaptionGrammar.WithArticle("red umbrella"));
    }

    [Fact]
    public void Objects_stay_on_the_canvas_and_apart_and_every_pair_has_a_relation()
    {
        var maker = new SceneMaker(4);
        for (var i = 0; i < 3000; i++)
        {
            var objects = maker.Next().Objects;
            Assert.InRange(objects.Count, 1, Scene.MaxObjects);
            foreach (var a in objects)
            {
                Assert.True(a.X1 >= 0 && a.Y1 >= 0 && a.X2 <= Scene.Width && a.Y2 <= Scene.Height, a.Signature);
                foreach (var b in objects.Where(b => !ReferenceEquals(a, b)))
                {
                    Assert.True(a.X2 <= b.X1 || b.X2 <= a.X1 || a.Y2 <= b.Y1 || b.Y2 <= a.Y1, "objects overlap");
                    Assert.NotEmpty(Scene.Relations(a, b));
                }
            }
        }
    }

    [Fact]
    public void Relations_are_as_one_sees_them_and_turn_round_when_the_pair_does()
    {
        var kind = SceneWords.Kinds[0];
        SceneObject At(double x, double y)
            => new(kind, SceneWords.Colours[0], SceneWords.Sizes[0], x - 30, y - 30, x + 30, y + 30);
        Assert.Equal([Relation.LeftOf, Relation.NextTo], Scene.Relations(At(100, 400), At(280, 400)));
        Assert.Equal([Relation.RightOf], Scene.Relations(At(600, 400), At(100, 400)));
        Assert.Equal([Relation.Above], Scene.Relations(At(100, 80), At(110, 400)));
        Assert.Equal([Relation.Below, Relation.LeftOf], Scene.Relations(At(100, 400), At(400, 80)));
    }

    [Fact]
    public void Every_drawing_is_well_formed_and_has_each_object()
    {
        var maker = new SceneMaker(5);
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 300; i++)
        {
            var scene = maker.Next();
            var svg = XDocument.Parse(SceneDrawing.Draw(scene));
            var titles = svg.Descendants().Where(e => e.Name.LocalName == "title").Select(e => e.Value).Order();
            Assert.Equal(scene.Objects.Select(o => o.Signature).Order(), titles);
            kinds.UnionWith(scene.Objects.Select(o => o.Kind.Name));
        }

        Assert.Equal(SceneWords.Kinds.Count, kinds.Count);
    }

    [Fact]
    public void The_same_seed_writes_the_same_bytes_and_another_does_not()
    {
        using var a = new TempFolder();
        using var b = new TempFolder();
        using var c = new TempFolder();
        var none = TestContext.Current.CancellationToken;
        WorldWriter.Write(a.Path, 10, 1, Small, none);
        WorldWriter.Write(b.Path, 10, 1, Small, none);
        WorldWriter.Write(c.Path, 30, 2, Small, none);
        foreach (var path in Directory.EnumerateFiles(a.Path, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(a.Path, path);
            Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(b.File(name)));
        }

        Assert.NotEqual(File.ReadAllText(a.File("dev_caps.txt")), File.ReadAllText(c.File("dev_caps.txt")));
    }

    [Fact]
    public void More_training_scenes_leave_dev_and_test_alone()
    {
        using var a = new TempFolder();
        using var b = new TempFolder();
        WorldWriter.Write(a.Path, 10, 1, Small, TestContext.Current.CancellationToken);
        WorldWriter.Write(b.Path, 50, 1, Small, TestContext.Current.CancellationToken);
        foreach (var name in new[] { "dev_caps.txt", "test_caps.txt", "dev_ims.npy", "test_boxes.npy" })
        {
            Assert.Equal(File.ReadAllBytes(a.File(name)), File.ReadAllBytes(b.File(name)));
        }
    }

    [Fact]
    public void No_scene_occurs_twice_in_a_world()
    {
        var maker = new SceneMaker(6);
        var seen = Enumerable.Range(0, 8000).Select(_ => maker.Next().Signature).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(8000, seen.Count);
    }

    [Fact]
    public void A_world_opens_as_what_it_says_it_is()
    {
        using var folder = new TempFolder();
        WorldWriter.Write(folder.Path, 30, 9, Small, TestContext.Current.CancellationToken);
        var options = new DatasetOptions { Path = folder.Path, Boxes = "boxes", MinWordCount = 1 };
        foreach (var (split, scenes) in new[] { ("train", 30), ("dev", 20), ("test", 20) })
        {
            var (images, captions) = PrecompSplit.Open(options, split);
            using var both = images;
            Assert.Equal((scenes, 16, 5 * scenes), (images.Count, images.FeatureDim, captions.Count));
            Assert.Equal($"{split}-000003", images.Id(3));
            Assert.True(File.Exists(folder.File("svg", images.Id(3) + ".svg")));
            var boxes = new float[8 * 4];
            images.Rows([3], TestContext.Current.CancellationToken).Boxes(0, boxes);
            Assert.All(boxes, edge => Assert.InRange(edge, 0f, 1f));
        }

        var (whole, _) = PrecompSplit.Open(options with { Features = "ims_global", Boxes = "" }, "dev");
        using var flat = whole;
        Assert.Equal(16, flat.FeatureDim);
    }

    [Fact]
    public void Matching_words_with_attributes_finds_the_scene_of_a_caption()
    {
        // What can be had without learning: each named object matched with the best object of the scene. A model
        // has the relations besides. Ties count against it.
        const int Scenes = 1000;
        var maker = new SceneMaker(7);
        var grammar = new CaptionGrammar(7);
        var scenes = Enumerable.Range(0, Scenes).Select(_ => maker.Next()).ToArray();
        int queries = 0, first = 0, ten = 0;
        for (var s = 0; s < Scenes; s++)
        {
            // One of the five captions, each form in its turn.
            var wanted = CaptionReader.Read(grammar.Captions(scenes[s])[s % 5]);
            var own = wanted.Score(scenes[s]);
            var rank = scenes.Count(other => !ReferenceEquals(other, scenes[s]) && wanted.Score(other) >= own);
            queries++;
            first += rank < 1 ? 1 : 0;
            ten += rank < 10 ? 1 : 0;
        }

        _output.WriteLine(
            $"text to image, bag of attributes: R@1 {100.0 * first / queries:F1}, R@10 {100.0 * ten / queries:F1}");
        Assert.True(ten > 0.6 * queries, $"R@10 {100.0 * ten / queries:F1}");
    }

    [Fact]
    public void Options_out_of_range_are_refused()
        => Assert.Throws<System.ComponentModel.DataAnnotations.ValidationException>(
            () => WorldWriter.Write("unused", 1, 1, Small with { Regions = 2 }, TestContext.Current.CancellationToken));

    [GeneratedRegex(@"\b(?:a [aeiou]|an [^aeiou])", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WrongArticle();

    /// <summary>A number above one before a noun in the singular, or an article before a plural.</summary>
    [GeneratedRegex(
        @"\b(?:(?:two|three|four)"
        + @"(?: (?:small|little|tiny|large|big|huge|red|orange|yellow|green|blue|purple|white|brown))* "
        + @"(?:ball|box|crate|cup|mug|dog|puppy|cat|kitten|tree|house|cottage|car|"
        + @"flower|umbrella|bird|star|balloon|airplane|plane|kite)\b|"
        + @"an?(?: \w+){0,2} (?:balls|boxes|puppies|dogs|cats|birds)\b)",
        RegexOptions.IgnoreCase,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex WrongNumber();
}
