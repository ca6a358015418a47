namespace Colony.Torch.Tests;

public sealed class ModuleTests
{
    private sealed class Block : torch.nn.Module<Tensor, Tensor>
    {
        private readonly Modules.Linear _first;
        private readonly Modules.ModuleList<Modules.Linear> _rest;
        private readonly Modules.Dropout _dropout;

        internal Block()
        {
            _first = register_module("first", torch.nn.Linear(3, 2));
            _rest = register_module(
                "rest", torch.nn.ModuleList(torch.nn.Linear(2, 2, bias: false), torch.nn.Linear(2, 1)));
            _dropout = register_module("dropout", torch.nn.Dropout());
            register_parameter("scale", new Parameter(torch.ones([1])));
            register_buffer("steps", torch.zeros([], ScalarType.Int64));
            register_module("norm", torch.nn.BatchNorm1d(1));
        }

        internal int Rest => _rest.Count;

        public override Tensor forward(Tensor input) => _rest[1].call(_rest[0].call(_dropout.call(_first.call(input))));
    }

    [Fact]
    public void Names_are_dotted_and_in_order_of_registration()
    {
        using var block = new Block();
        Assert.Equal(
            [
                "scale", "first.weight", "first.bias", "rest.0.weight", "rest.1.weight", "rest.1.bias", "norm.weight",
                "norm.bias",
            ],
            block.named_parameters().Select(p => p.name));
        Assert.Equal(
            ["steps", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"],
            block.named_buffers().Select(b => b.name));
        Assert.Equal(["first", "rest", "dropout", "norm"], block.named_children().Select(c => c.name));
        Assert.Equal(
            ["", "first", "rest", "rest.0", "rest.1", "dropout", "norm"], block.named_modules().Select(m => m.name));
        Assert.Equal(["scale", "steps", "first.weight"], block.state_dict().Take(3).Select(s => s.name));
        Assert.Equal(12, block.state_dict().Count());
        Assert.Equal(2, block.Rest);
        Assert.All(block.parameters(), parameter => Assert.True(parameter.requires_grad && parameter.is_leaf));
    }

    [Fact]
    public void A_name_is_taken_once_and_has_no_dot()
    {
        using var block = new Block();
        using var one = torch.zeros([1]);
        Assert.Throws<ArgumentException>(() => block.register_buffer("first", one));
        Assert.Throws<ArgumentException>(() => block.register_buffer("a.b", one));
    }

    [Fact]
    public void Modes_reach_all_modules()
    {
        using var block = new Block();
        Assert.True(block.training);
        block.eval();
        Assert.All(block.named_modules(), entry => Assert.False(entry.module.training));
        block.train();
        Assert.All(block.named_modules(), entry => Assert.True(entry.module.training));
    }

    [Fact]
    public void A_module_outlives_the_scope_it_was_made_in_and_ends_with_all_it_holds()
    {
        var before = MemoryTests.Settled();
        Block block;
        using (torch.NewDisposeScope())
        {
            block = new Block();
        }

        Assert.Equal(before + 12, TensorCounters.Live);
        block.Dispose();
        block.Dispose();
        Assert.Equal(before, TensorCounters.Live);
    }

    [Fact]
    public void Moving_keeps_references_values_and_gradients()
    {
        using var scope = torch.NewDisposeScope();
        using var block = new Block();
        var weight = block.parameters().ElementAt(1);
        var values = weight.ToArray<float>();
        block.call(torch.ones([2, 3])).sum().backward();
        var gradient = weight.grad!.ToArray<float>();
        block.to(torch.CPU);
        Assert.Same(weight, block.parameters().ElementAt(1));
        Assert.Equal(values, weight.ToArray<float>());
        Assert.Equal(gradient, weight.grad!.ToArray<float>());
        Assert.True(weight.requires_grad && weight.is_leaf);
        block.zero_grad();
        Assert.All(block.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void State_is_loaded_by_name_and_checked()
    {
        using var scope = torch.NewDisposeScope();
        using var from = new Block();
        using var into = new Block();
        var state = from.state_dict().ToDictionary(entry => entry.name, entry => entry.tensor, StringComparer.Ordinal);
        into.load_state_dict(state);
        Assert.All(
            into.state_dict(),
            entry => Assert.Equal(state[entry.name].bytes().ToArray(), entry.tensor.bytes().ToArray()));

        state["stranger"] = torch.zeros([1]);
        Assert.Contains("stranger", Assert.Throws<ArgumentException>(() => into.load_state_dict(state)).Message,
            StringComparison.Ordinal);
        state.Remove("stranger");
        state["scale"] = torch.zeros([2]);
        var misfit = Assert.Throws<ArgumentException>(() => into.load_state_dict(state));
        Assert.Contains("'scale' is Tensor [1]", misfit.Message, StringComparison.Ordinal);
        state.Remove("scale");
        Assert.Throws<ArgumentException>(() => into.load_state_dict(state));
    }

    [Fact]
    public void The_padding_row_of_an_embedding_is_zero_and_gets_no_gradient()
    {
        using var scope = torch.NewDisposeScope();
        using var embedding = torch.nn.Embedding(4, 2, padding_idx: 0);
        Expect.Values(embedding.weight[0], [0, 0]);
        embedding.call(torch.tensor([0L, 2L, 2L])).sum().backward();
        Expect.Values(embedding.weight.grad!, [0, 0, 0, 0, 2, 2, 0, 0]);
    }

    [Fact]
    public void Batch_statistics_enter_the_running_ones_only_in_training()
    {
        using var scope = torch.NewDisposeScope();
        using var norm = torch.nn.BatchNorm1d(1);
        var x = torch.tensor([1f, 3f], [2, 1]);
        Expect.Values(norm.call(x), [-1, 1], 1e-4);
        Expect.Values(norm.running_mean, [0.2]);
        Expect.Values(norm.running_var, [0.9 + 0.1 * 2]); // unbiased variance 2
        Assert.Equal(1, norm.num_batches_tracked.ToInt64());
        norm.eval();
        Expect.Values(norm.call(x), [0.8 / Math.Sqrt(1.1), 2.8 / Math.Sqrt(1.1)], 1e-4);
        Assert.Equal(1, norm.num_batches_tracked.ToInt64());
    }

    [Fact]
    public void One_value_a_feature_is_measured_by_the_running_statistics_and_leaves_them_alone()
    {
        using var scope = torch.NewDisposeScope();
        using var norm = torch.nn.BatchNorm1d(2);
        norm.running_mean.fill_(1);
        norm.running_var.fill_(4);
        var x = torch.tensor([3f, 5f], [1, 2]).requires_grad_();
        var y = norm.call(x);
        Expect.Values(y, [1, 2], 1e-4);
        Expect.Values(norm.running_mean, [1, 1]);
        Expect.Values(norm.running_var, [4, 4]);
        Assert.Equal(1, norm.num_batches_tracked.ToInt64());
        y.sum().backward();
        Expect.Values(x.grad!, [0.5, 0.5], 1e-4);
    }
}
