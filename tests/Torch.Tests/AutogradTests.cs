namespace Colony.Torch.Tests;

public sealed class AutogradTests
{
    public static TheoryData<string> Losses => new(s_losses.Keys);

    private static readonly Dictionary<string, Func<Tensor[], Tensor>> s_losses = new(StringComparer.Ordinal)
    {
        ["chain"] = x => (x[0].matmul(x[1]).tanh() * 1.5).exp().sum().log(),
        ["attention"] = x => (x[0].matmul(x[1]) / Math.Sqrt(4)).softmax(-1).matmul(x[0]).square().sum(),
        ["normalize"] = x => (torch.nn.functional.normalize(x[0]) * x[1].t()).sum(),
        ["hinge"] = x =>
        {
            var s = x[0].matmul(x[1]);
            return (0.2 + s - s.diagonal().view(-1, 1)).clamp(min: 0).max(1).values.sum();
        },
        ["layer_norm"] = x => torch.nn.functional.layer_norm(x[0], [4]).pow(3).sum(),
        ["divide"] = x => (1 / (2 + x[0].square()) - x[1].t().abs()).mean(),
        ["cat and split"] = x => torch.cat([x[0], x[1].t() * 2], dim: 1).split(3, dim: 1)[1].sin().sum(),
        ["index"] = x => x[0][torch.tensor([2L, 0L, 2L])].square().sum()
            + x[0].index_select(1, torch.tensor([1L])).sum(),
        ["gather"] = x => x[0].gather(1, torch.tensor([0L, 3L, 0L], [3, 1])).exp().sum(),
        ["masked"] = x => x[0].masked_fill(x[0].detach() > 0, 0).square().sum() + x[0].logsumexp(0).sum(),
        ["spread"] = x => x[0].std(1).sum() + x[0].var(0, unbiased: false).sum() + x[1].norm(),
        ["cdist"] = x => torch.cdist(x[0], x[1].t() + 0.3).sum(),
        ["cross_entropy"] = x => torch.nn.functional.cross_entropy(x[0], torch.tensor([1L, 0L, 3L])),
        ["conv1d"] = x => torch.nn.functional.conv1d(x[0].unsqueeze(0), x[1].view(2, 3, 2), padding: 1).square().sum(),
        ["batch_norm"] = x => torch.nn.functional.batch_norm(x[0], null, null, training: true).pow(3).sum(),
        ["gelu and sigmoid"] = x => (x[0].gelu() * x[1].t().sigmoid()).sum(),
        ["topk and sort"] = x => x[0].topk(2, 1).values.square().sum() + x[0].sort(1).values.select(1, 0).exp().sum(),
        ["where"] = x => torch.where(x[0].detach() > 0.1, x[0], x[1].t() * 3).square().sum(),
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public void Gradients_are_those_of_finite_differences(string name)
    {
        using var scope = torch.NewDisposeScope();
        Expect.GradientsMatch(
            inputs => s_losses[name](inputs) + (inputs[1] * 0).sum() + (inputs[0] * 0).sum(),
            Expect.WideGrid(3, 4), Expect.WideGrid(4, 3) * 0.7 + 0.05);
    }

    [Fact]
    public void Backward_adds_up_in_grad_until_it_is_cleared()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([1f, 2f]).requires_grad_();
        Assert.Null(x.grad);
        x.square().sum().backward();
        x.square().sum().backward();
        Expect.Values(x.grad!, [4, 8]);
        x.grad!.mul_(0.5);
        Expect.Values(x.grad!, [2, 4]);
        x.grad = torch.tensor([7f, 8f]);
        Expect.Values(x.grad!, [7, 8]);
        x.grad = null;
        Assert.Null(x.grad);
        var error = Assert.Throws<TorchException>(() => x.grad = torch.zeros([3]));
        Assert.Contains("[3]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_pass_goes_back_from_several_tensors()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([1f, 2f]).requires_grad_();
        var shared = x * 3;
        torch.autograd.backward([shared * 2, shared.sum()], [torch.tensor([1f, 10f]), null]);
        Expect.Values(x.grad!, [9, 63]);
        Assert.Throws<ArgumentException>(() => torch.autograd.backward([x, x], [null]));
    }

    [Fact]
    public void Gradients_by_input_leave_grad_alone()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([3f]).requires_grad_();
        var unused = torch.tensor([3f]).requires_grad_();
        var y = x.square();
        var gradients = torch.autograd.grad(
            [y], [x, unused], [torch.tensor([2f])], retain_graph: true, allow_unused: true);
        Expect.Values(gradients[0]!, [12]);
        Assert.Null(gradients[1]);
        Assert.Null(x.grad);
        Assert.Throws<TorchException>(() => torch.autograd.grad([y], [x, unused]));
    }

    [Fact]
    public void A_graph_serves_once_unless_it_is_retained()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([3f]).requires_grad_();
        var y = x.square();
        y.backward(retain_graph: true);
        y.backward();
        Expect.Values(x.grad!, [12]);
        var error = Assert.Throws<TorchException>(() => y.backward());
        Assert.Contains("second time", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recording_can_be_switched_off_for_a_while()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([3f]).requires_grad_();
        Assert.True(torch.is_grad_enabled());
        using (torch.no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (torch.set_grad_enabled())
            {
                Assert.True((x * 2).requires_grad);
            }

            Assert.False(torch.is_grad_enabled());
        }

        var y = x * 2;
        Assert.True(y.requires_grad);
        Assert.False(y.is_leaf);
        Assert.True(x.is_leaf);
        Assert.False(y.detach().requires_grad);
        Assert.Equal(y.data_ptr(), y.detach().data_ptr());
    }

    [Fact]
    public void New_data_under_the_same_variable()
    {
        using var scope = torch.NewDisposeScope();
        var x = new Parameter(torch.tensor([3f]));
        x.set_data(torch.tensor([5f, 6f]));
        Expect.Shape(x, 2);
        x.square().sum().backward();
        Expect.Values(x.grad!, [10, 12]);
        x.Dispose();
    }
}
