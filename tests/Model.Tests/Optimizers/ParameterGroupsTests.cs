using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class ParameterGroupsTests
{
    private static readonly string[] Names = ["bert.layer.0.weight", "bert.layer.0.bias", "bert.pooler", "fc.weight"];

    [Fact]
    public void The_first_group_that_fits_decides_and_others_are_left_alone()
    {
        var groups = new ParameterGroups(
            [new("*.bias") { WeightDecay = 0 }, new("bert.*") { Rate = 0.1 }], Names);
        Assert.Equal([0.1, 1, 0.1, 1], Names.Select(name => groups.Rate(name, 5, 10)));
        Assert.Equal([0.5, 0, 0.5, 0.5], Names.Select(name => groups.WeightDecay(name, 0.5)));
        Assert.False(groups.Freezes);
        Assert.All(Names, name => Assert.False(groups.IsFrozen(name, 0, 10)));
    }

    [Fact]
    public void A_backbone_thaws_after_its_epochs_and_warms_up_from_there()
    {
        var groups = new ParameterGroups(
            [
                new("bert.pooler") { FrozenEpochs = null },
                new("bert.*") { Rate = 0.5, FrozenEpochs = 2, WarmupSteps = 4 },
            ], Names);
        Assert.True(groups.Freezes);
        Assert.Equal(
            [true, true, false, false],
            new long[] { 0, 19, 20, 99 }.Select(step => groups.IsFrozen(Names[0], step, 10)));
        Assert.Equal(
            [0.125, 0.25, 0.375, 0.5, 0.5],
            Enumerable.Range(20, 5).Select(step => groups.Rate(Names[0], step, 10)));
        Assert.True(groups.IsFrozen("bert.pooler", 1_000_000, 10));
        Assert.False(groups.IsFrozen("fc.weight", 0, 10));
    }

    [Fact]
    public void Patterns_for_nothing_are_refused_with_their_text()
    {
        var none = Assert.Throws<ArgumentException>(() => new ParameterGroups([new("brt.*")], Names));
        Assert.Contains("'brt.*'; names are like 'bert.layer.0.weight'", none.Message, StringComparison.Ordinal);
        var taken = Assert.Throws<ArgumentException>(() => new ParameterGroups([new("bert.*"), new("*.bias")], Names));
        Assert.Contains("'*.bias' fits belongs to a group before", taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Optimizers_take_weight_decay_and_rate_by_name()
    {
        using var scope = torch.NewDisposeScope();
        object[] options =
        [
            new AdamOptions { Decoupled = true, WeightDecay = 0.5 },
            new SgdOptions { WeightDecay = 0.5 },
        ];
        foreach (var option in options)
        {
            var (kept, shrunk, still) = (Zero(), Zero(), Zero());
            using var optimizer = Optimizers.Create(
                [("kept", kept), ("shrunk", shrunk), ("still", still)], option, name => name == "kept" ? 0 : 0.5);
            optimizer.Step(0.1, name => name == "still" ? 0 : 1);
            Assert.Equal([1, 0.95f, 1], new Tensor[] { kept, shrunk, still }.Select(x => x.ToSingle()));
        }

        static Parameter Zero() => new(torch.ones([])) { grad = torch.zeros([]) };
    }
}
