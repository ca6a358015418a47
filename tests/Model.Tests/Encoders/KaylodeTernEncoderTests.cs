using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class KaylodeTernEncoderTests
{
    [Fact]
    public void The_published_configuration_has_the_published_number_of_parameters()
    {
        torch.manual_seed(1);
        using var encoder = new KaylodeTernEncoder(new KaylodeTernOptions(), new ModelInputs(2048, 768, 0));
        Assert.Equal(26_393_344, Samples.Count(encoder));
    }

    [Fact]
    public void The_norm_is_by_the_unbiased_deviation()
    {
        using var scope = torch.NewDisposeScope();
        using var norm = new DeviationNorm(4);
        var result = norm.forward(torch.tensor(new float[] { 1, 2, 3, 4 }, [1, 4]));
        Arrays.Near([-1.161894, -0.387298, 0.387298, 1.161894], Arrays.Doubles(result), 1e-6, "norm");
    }

    [Fact]
    public void Padding_counts_as_published()
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Samples.Create("kaylode_tern", Samples.Kaylode with { Dropout = 0 });
        using var wide = Samples.Slice(4, [3, 3], [4, 9]);
        using var narrow = new NamedTensors();
        narrow.Add(TensorNames.CaptionFeatures, wide[TensorNames.CaptionFeatures].narrow(1, 0, 4).contiguous());
        var one = Arrays.Doubles(encoder.EncodeCaptions(narrow))[..8];
        var two = Arrays.Doubles(encoder.EncodeCaptions(wide))[..8];
        Assert.True(one.Zip(two, (a, b) => Math.Abs(a - b)).Max() > 1e-4);
    }

    [Fact]
    public void Class_tokens_do_not_start_at_zero_and_every_matrix_is_within_Xaviers_bound()
    {
        using var encoder = Samples.Create("kaylode_tern", Samples.Kaylode);
        foreach (var (name, parameter) in encoder.Module.named_parameters().Where(pair => pair.parameter.dim() > 1))
        {
            var shape = parameter.shape;
            var bound = Math.Sqrt(6.0 / (shape[^1] + shape[^2]));
            var largest = Arrays.Doubles(parameter).Max(x => Math.Abs(x));
            Assert.True(largest > 0.5 * bound && largest <= bound * (1 + 1e-6), $"{name}: {largest}, bound {bound}");
        }
    }

    [Fact]
    public void Four_numbers_a_box_are_completed_by_the_area()
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Samples.Create("kaylode_tern", Samples.Kaylode with { Dropout = 0 });
        using var four = Samples.Slice(4, [3, 3], [4, 4]);
        using var five = Samples.Slice(4, [3, 3], [4, 4]);
        var boxes = Arrays.Doubles(five[TensorNames.Boxes]).Chunk(4)
            .SelectMany(box => new[] { box[0], box[1], box[2], box[3], (box[2] - box[0]) * (box[3] - box[1]) })
            .Select(x => (float)x).ToArray();
        using var completed = new NamedTensors();
        completed.Add(TensorNames.Features, five[TensorNames.Features]);
        completed.Add(TensorNames.Boxes, torch.tensor(boxes, [2, 3, 5]));
        Arrays.Near(
            Arrays.Doubles(encoder.EncodeImages(completed)), Arrays.Doubles(encoder.EncodeImages(four)), 1e-6,
            "images");
    }

    [Fact]
    public void Token_features_of_another_width_are_refused_with_both_widths()
    {
        var error = Assert.Throws<ArgumentException>(
            () => Samples.Create("kaylode_tern", Samples.Kaylode with { ModelDim = 16 }));
        Assert.Contains("16", error.Message, StringComparison.Ordinal);
        Assert.Contains("8", error.Message, StringComparison.Ordinal);
    }
}
