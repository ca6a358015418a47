using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class HremObjectiveTests
{
    private static readonly HremObjectiveOptions Options = new()
    {
        EmbedSize = 8, Heads = 2, RelationSize = 3, Warmup = 5, FarthestNegative = 2, SumEpochs = 0,
    };

    [Fact]
    public void Before_the_warm_up_ends_the_network_neither_counts_nor_moves()
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Samples.Create("hrem", Samples.Hrem);
        using var slice = Samples.Slice(3, [4, 5, 3], [5, 2, 6]);
        using var encoded = encoder.Encode(slice);
        var objective = new HremObjective(Options with { BaseLoss = "vse", GraphLoss = "vse" });
        using var network = objective.Module;
        var early = objective.Loss(encoded, 4, 10);
        early.backward(retain_graph: true);
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
        var late = objective.Loss(encoded, 5, 10);
        late.backward();
        Assert.All(network.parameters(), parameter => Assert.NotNull(parameter.grad));
        Assert.True(late.ToDouble() > early.ToDouble());
        objective.BeforeUpdate(5, 10);
        Assert.All(network.parameters(), parameter => Assert.NotNull(parameter.grad));
        objective.BeforeUpdate(4, 10);
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void Negatives_are_drawn_by_the_generator_as_often_as_their_weights_say()
    {
        using var scope = torch.NewDisposeScope();
        const int Rounds = 4000;
        var triplets = new SampledTriplets(0.2, 2);
        var draw = triplets.Draw;
        var weights = Rows.Matrix(new[,] { { 0, 0.5, 0.2, 0.3 }, { 1, 0, 0, 0 } });
        var counts = new double[4];
        torch.manual_seed(9);
        for (var round = 0; round < Rounds; round++)
        {
            var drawn = Arrays.Doubles(draw(weights));
            counts[(int)drawn[0]] += 1.0 / Rounds;
            Assert.Equal(0.0, drawn[1]);
        }

        Arrays.Near([0, 0.5, 0.2, 0.3], counts, 0.03, "shares");
        torch.manual_seed(9);
        var first = Arrays.Doubles(draw(weights));
        torch.manual_seed(9);
        Assert.Equal(first, Arrays.Doubles(draw(weights)));
    }

    [Fact]
    public void A_direction_in_which_an_anchor_has_no_negative_costs_nothing()
    {
        using var scope = torch.NewDisposeScope();
        var rows = Rows.Matrix(new double[,] { { 1, 0 }, { 0, 1 } });
        var triplets = new SampledTriplets(3, 1.7);
        var pairs = torch.eye(2, dtype: ScalarType.Bool);
        Assert.Equal(2 * 2 * 2.0, triplets.Loss(rows, rows, pairs).ToDouble(), 1e-12);
        Assert.Equal(0, triplets.Loss(rows, rows, pairs.logical_or(pairs.logical_not())).ToDouble());
        Assert.Equal(0, new SampledTriplets(3, 1.2).Loss(rows, rows, pairs).ToDouble());
    }

    [Fact]
    public void Pairs_of_one_image_are_no_negatives()
    {
        using var scope = torch.NewDisposeScope();
        var scores = Rows.Matrix(new[,] { { 0.5, 0.4, 0.1 }, { 0.4, 0.5, 0.1 }, { 0.1, 0.1, 0.5 } });
        var ids = torch.tensor([1L, 1L, 2L], [3]);
        var same = ids.unsqueeze(0).eq(ids.unsqueeze(1));
        Assert.Equal(0, BidirectionalHinge.Of(scores, 0.3, hardest: true, same).ToDouble(), 1e-12);
        Assert.Equal(0.8, BidirectionalHinge.Of(scores, 0.3, hardest: true).ToDouble(), 1e-12);
    }
}
