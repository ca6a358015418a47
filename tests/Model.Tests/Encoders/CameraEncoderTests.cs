using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class CameraEncoderTests
{
    [Fact]
    public void Boxes_in_pixels_and_as_fractions_beside_the_sizes_say_the_same()
    {
        using var scope = torch.NewDisposeScope();
        using var fractions = Samples.Create("camera", Samples.Camera);
        using var pixels = Samples.Create("camera", Samples.Camera with { PixelBoxes = true });
        using var slice = Samples.Slice(3, [4, 4], [3, 5]);
        var sizes = torch.tensor([640f, 480, 300, 500], [2, 2]);
        var alone = Arrays.Doubles(fractions.EncodeImages(slice));
        slice.Add(TensorNames.ImageSizes, sizes);
        var beside = Arrays.Doubles(fractions.EncodeImages(slice));
        var scaled = slice[TensorNames.Boxes] * torch.cat([sizes, sizes], 1).unsqueeze(1);
        slice[TensorNames.Boxes] = scaled.DetachFromDisposeScope();
        Arrays.Near(Arrays.Doubles(pixels.EncodeImages(slice)), beside, 1e-5, "views");
        Assert.NotEqual(alone, beside);
    }

    [Fact]
    public void A_caption_alone_and_beside_a_longer_one_is_the_same_at_a_fixed_length()
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Samples.Create("camera", Samples.Camera);
        encoder.Module.eval();
        using var alone = Samples.Slice(4, [3], [4]);
        using var wide = Samples.Slice(4, [3, 3], [4, 7]);
        wide[TensorNames.CaptionFeatures].narrow(0, 0, 1).zero_();
        wide[TensorNames.CaptionFeatures].narrow(0, 0, 1).narrow(1, 0, 4).copy_(alone[TensorNames.CaptionFeatures]);
        Arrays.Near(
            Arrays.Doubles(encoder.EncodeCaptions(alone)), Arrays.Doubles(encoder.EncodeCaptions(wide))[..8], 1e-6,
            "caption");
        using var longer = Samples.Slice(4, [3], [9]);
        Assert.Contains("max_words", Assert.Throws<ArgumentException>(() => encoder.EncodeCaptions(longer)).Message,
            StringComparison.Ordinal);
    }
}
