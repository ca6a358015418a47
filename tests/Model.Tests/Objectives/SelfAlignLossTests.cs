using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class SelfAlignLossTests
{
    [Fact]
    public void Assignments_are_what_the_specification_works_out()
    {
        using var scope = torch.NewDisposeScope();
        var scores = Rows.Matrix(new[,] { { 0.30, 0.10 }, { 0.25, 0.20 }, { 0.05, 0.15 } });
        Arrays.Near(
            [0.924136, 0.075864, 0.377520, 0.622480, 0.029310, 0.970690],
            Arrays.Doubles(Concepts.Sinkhorn(scores, 0.05, 2)), 1e-6, "assignments");
    }

    [Fact]
    public void The_context_level_is_what_the_specification_works_out_whatever_the_gather_pads()
    {
        using var scope = torch.NewDisposeScope();
        var keys = torch.tensor([1, 0, 0.6, 0.8, 0, 1, -0.6, 0.8], [2, 2, 2]);
        var queries = Rows.Matrix(new[,] { { 0.8, 0.6 }, { 0.28, 0.96 } });
        Assert.Equal(0.843609180895, ContextContrast.Loss(keys, queries, 0.7, 2).ToDouble(), 1e-11);
        var padded = torch.cat([keys, torch.zeros([2, 3, 2], ScalarType.Float64)], 1);
        Assert.Equal(0.843609180895, ContextContrast.Loss(padded, queries, 0.7, 2).ToDouble(), 1e-11);
    }

    [Fact]
    public void The_loss_is_a_function_and_only_the_update_writes_prototypes_back()
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(3);
        using var slice = Samples.Slice(3, [4, 4, 4], [5, 2, 6]);
        using var encoder = Samples.Create("selfalign_vsrn", Samples.SelfAlignVsrn);
        using var encoded = encoder.Encode(slice);
        var objective = new SelfAlignObjective(
            new SelfAlignOptions { EmbedSize = 8, Prototypes = 6, Negatives = 5, FrozenEpochs = 1 });
        using var module = objective.Module;
        var weight = module.parameters().Single();
        var before = Arrays.Doubles(weight);
        var loss = objective.Loss(encoded, 0, 10);
        loss.backward(retain_graph: true);
        Assert.Equal(loss.ToDouble(), objective.Loss(encoded, 0, 10).ToDouble());
        Assert.Equal(before, Arrays.Doubles(weight));
        objective.BeforeUpdate(10, 10);
        Assert.NotNull(weight.grad);
        Assert.All(Arrays.Doubles(weight).Chunk(8), row => Assert.Equal(1, row.Sum(x => x * x), 1e-6));
        Assert.Equal(loss.ToDouble(), objective.Loss(encoded, 0, 10).ToDouble(), 1e-5);
        objective.BeforeUpdate(9, 10);
        Assert.Null(weight.grad);
    }

    [Fact]
    public void Words_behind_a_captions_end_do_not_count_as_concepts()
    {
        using var scope = torch.NewDisposeScope();
        using var concepts = new Concepts(new SelfAlignOptions { EmbedSize = 4, Prototypes = 3 });
        var regions = Normalization.Guarded(torch.rand([2, 3, 4]));
        var words = Normalization.Guarded(torch.rand([2, 5, 4]));
        var lengths = torch.tensor([5f, 2f], [2]);
        var loss = concepts.Loss(regions, words, lengths, null).ToDouble();
        words[1].narrow(0, 2, 3).fill_(0.5);
        Assert.Equal(loss, concepts.Loss(regions, words, lengths, null).ToDouble());
        words[1].narrow(0, 1, 1).fill_(0.5);
        Assert.NotEqual(loss, concepts.Loss(regions, words, lengths, null).ToDouble());
    }
}
