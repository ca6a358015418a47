namespace Colony.Torch.Tests;

public sealed class PointwiseTests
{
    private static readonly float[] s_values = [-2f, -0.5f, 0.25f, 1f, 3f];

    public static TheoryData<string> Functions => new(s_functions.Keys);

    private static readonly Dictionary<string, (Func<Tensor, Tensor> Torch, Func<double, double> Plain)> s_functions =
        new(StringComparer.Ordinal)
        {
            ["neg"] = (x => x.neg(), x => -x),
            ["abs"] = (x => x.abs(), Math.Abs),
            ["exp"] = (x => x.exp(), Math.Exp),
            ["log"] = (x => x.log(), Math.Log),
            ["sqrt"] = (x => x.sqrt(), Math.Sqrt),
            ["rsqrt"] = (x => x.rsqrt(), x => 1 / Math.Sqrt(x)),
            ["relu"] = (x => x.relu(), x => Math.Max(x, 0)),
            ["tanh"] = (x => x.tanh(), Math.Tanh),
            ["sigmoid"] = (x => x.sigmoid(), x => 1 / (1 + Math.Exp(-x))),
            ["sin"] = (x => x.sin(), Math.Sin),
            ["cos"] = (x => x.cos(), Math.Cos),
            ["square"] = (x => x.square(), x => x * x),
            ["clamp"] = (x => x.clamp(-1, 1.5), x => Math.Clamp(x, -1, 1.5)),
            ["clamp min"] = (x => x.clamp(min: 0.5), x => Math.Max(x, 0.5)),
            ["clamp max"] = (x => x.clamp(max: 0.5), x => Math.Min(x, 0.5)),
            ["pow"] = (x => x.pow(3), x => x * x * x),
            ["+ number"] = (x => x + 2, x => x + 2),
            ["number +"] = (x => 2 + x, x => x + 2),
            ["- number"] = (x => x - 2, x => x - 2),
            ["number -"] = (x => 2 - x, x => 2 - x),
            ["* number"] = (x => x * 2.5, x => x * 2.5),
            ["number *"] = (x => 2.5 * x, x => x * 2.5),
            ["/ number"] = (x => x / 4, x => x / 4),
            ["number /"] = (x => 4 / x, x => 4 / x),
            ["minus"] = (x => -x, x => -x),
            ["> number"] = (x => x > 0.25, x => x > 0.25 ? 1 : 0),
            [">= number"] = (x => x >= 0.25, x => x >= 0.25 ? 1 : 0),
            ["< number"] = (x => x < 0.25, x => x < 0.25 ? 1 : 0),
            ["<= number"] = (x => x <= 0.25, x => x <= 0.25 ? 1 : 0),
            ["eq number"] = (x => x.eq(1), x => x == 1 ? 1 : 0),
            ["ne number"] = (x => x.ne(1), x => x == 1 ? 0 : 1),
        };

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_of_one_tensor_is_the_plain_one(string name)
    {
        using var scope = torch.NewDisposeScope();
        var (function, plain) = s_functions[name];
        var expected = s_values.Select(x => plain(x)).ToArray();
        Expect.Values(function(torch.tensor(s_values)), expected);
    }

    public static TheoryData<string> Pairs => new(s_pairs.Keys);

    private static readonly Dictionary<string, (Func<Tensor, Tensor, Tensor> Torch, Func<double, double, double> Plain)>
        s_pairs = new(StringComparer.Ordinal)
        {
            ["+"] = ((x, y) => x + y, (x, y) => x + y),
            ["-"] = ((x, y) => x - y, (x, y) => x - y),
            ["*"] = ((x, y) => x * y, (x, y) => x * y),
            ["/"] = ((x, y) => x / y, (x, y) => x / y),
            ["pow"] = ((x, y) => x.abs().pow(y), (x, y) => Math.Pow(Math.Abs(x), y)),
            ["maximum"] = (torch.maximum, Math.Max),
            ["minimum"] = (torch.minimum, Math.Min),
            ["eq"] = ((x, y) => x.eq(y), (x, y) => x == y ? 1 : 0),
            ["ne"] = ((x, y) => x.ne(y), (x, y) => x == y ? 0 : 1),
            ["<"] = ((x, y) => x < y, (x, y) => x < y ? 1 : 0),
            ["<="] = ((x, y) => x <= y, (x, y) => x <= y ? 1 : 0),
            [">"] = ((x, y) => x > y, (x, y) => x > y ? 1 : 0),
            [">="] = ((x, y) => x >= y, (x, y) => x >= y ? 1 : 0),
            ["and"] = ((x, y) => (x > 0).logical_and(y > 0), (x, y) => x > 0 && y > 0 ? 1 : 0),
            ["or"] = ((x, y) => (x > 0).logical_or(y > 0), (x, y) => x > 0 || y > 0 ? 1 : 0),
            ["where"] = ((x, y) => torch.where(x > y, x, y * 2), (x, y) => x > y ? x : y * 2),
            ["masked_fill"] = ((x, y) => x.masked_fill(y > 0, -7), (x, y) => y > 0 ? -7 : x),
        };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_function_of_two_tensors_is_the_plain_one_with_broadcasting(string name)
    {
        using var scope = torch.NewDisposeScope();
        var (function, plain) = s_pairs[name];
        float[] others = [1f, -0.5f, 2f];
        var actual = function(torch.tensor(s_values, [5, 1]), torch.tensor(others));
        Expect.Shape(actual, 5, 3);
        var expected = s_values.SelectMany(x => others.Select(y => plain(x, y))).ToArray();
        Expect.Values(actual, expected);
    }

    [Fact]
    public void Gelu_is_the_one_with_erf()
    {
        using var scope = torch.NewDisposeScope();

        // x * Phi(x) with Phi from tables of the normal distribution; the tanh approximation differs in the 4th place.
        Expect.Values(torch.tensor([-1f, 0f, 1f, 2f]).gelu(), [-0.1586552539, 0, 0.8413447461, 1.9544997361], 1e-6);
    }

    [Fact]
    public void Not_and_finite()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([0f, 1f, float.NaN, float.PositiveInfinity]);
        Assert.Equal([true, true, false, false], x.isfinite().ToArray<bool>());
        Assert.Equal([true, false], torch.tensor([false, true]).logical_not().ToArray<bool>());
    }

    [Fact]
    public void A_number_keeps_its_kind()
    {
        using var scope = torch.NewDisposeScope();
        var integers = torch.tensor([1L, long.MaxValue - 1]);
        Assert.Equal(ScalarType.Int64, (integers + 1).dtype);
        Assert.Equal([2, long.MaxValue], (integers + 1).ToArray<long>());
        Assert.Equal(ScalarType.Float32, (integers + 1.0).dtype);
        Assert.Equal(ScalarType.Bool, (torch.tensor([true]) * true).dtype);
    }

    [Fact]
    public void Operations_in_place_change_the_tensor_and_return_it()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([1f, 2f, 4f]);
        var two = torch.tensor([2f]);
        Assert.Same(x, x.add_(two));
        Expect.Values(x, [3, 4, 6]);
        Expect.Values(x.add_(two, alpha: -0.5), [2, 3, 5]);
        Expect.Values(x.sub_(two, alpha: 3), [-4, -3, -1]);
        Expect.Values(x.sub_(-6), [2, 3, 5]);
        Expect.Values(x.mul_(two).mul_(0.5), [2, 3, 5]);
        Expect.Values(x.div_(two).div_(0.5), [2, 3, 5]);
        Expect.Values(x.add_(2).sqrt_(), [2, Math.Sqrt(5), Math.Sqrt(7)]);
        Expect.Values(x.fill_(3).addcmul_(two, two, 0.5), [5, 5, 5]);
        Expect.Values(x.addcdiv_(torch.tensor([1f, 2f, 3f]), two, 2), [6, 7, 8]);
        Expect.Values(x.masked_fill_(x > 6, 0), [6, 0, 0]);
        Expect.Values(x.copy_(two), [2, 2, 2]);
        Expect.Values(x.zero_(), [0, 0, 0]);
        Assert.Equal(4, scope.Count); // x, two, and the two tensors made as arguments: none of the results is new
    }
}
