namespace Colony.Model.Tests;

public sealed class VsrnGoldenTests
{
    public static TheoryData<string> Files => GoldenFolder.Files("vsrn_*.npz");

    /// <summary>Where a file also has the steps of an optimizer that lists the captioner once, as Colony's
    /// does.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void Parameters_agree_when_the_captioner_is_listed_once(string file)
    {
        var numbers = GoldenFolder.Open(file);
        var setup = VsrnSettings.Of(file, numbers) with { AfterSuffix = "_once", Twice = _ => false };
        using var golden = GoldenCase.Of(file, numbers, setup);
        GoldenChecks.Steps(golden);
    }

    /// <summary>Labels and masks are made of the captions; the file's must be the same, or its losses are of another
    /// task.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_to_be_said_is_the_caption(string file)
    {
        var numbers = GoldenFolder.Open(file);
        var (captions, labels) = (numbers["input/captions"], numbers["input/caption_labels"]);
        var (rows, words, width) = ((int)captions.Shape[0], (int)captions.Shape[1], (int)labels.Shape[1]);
        var lengths = numbers["input/lengths"].Values<long>().ToArray();
        for (var i = 0; i < rows; i++)
        {
            var caption = captions.Values<long>().Slice(i * words, Math.Min(words, width)).ToArray();
            Assert.Equal(caption, labels.Values<long>().Slice(i * width, caption.Length).ToArray());
            var mask = numbers["input/caption_masks"].Values<float>().Slice(i * width, width).ToArray();
            Assert.Equal(lengths[i] + 1, mask.Count(value => value == 1));
        }
    }
}
