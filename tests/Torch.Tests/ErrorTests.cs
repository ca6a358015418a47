namespace Colony.Torch.Tests;

public sealed class ErrorTests
{
    [Fact]
    public void Errors_carry_libtorchs_message_and_no_backtrace()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.zeros([2, 3]);
        Refused("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", () => x.matmul(x));
        Refused("must match the size", () => x + torch.zeros([2]));
        Refused("view size is not compatible", () => x.t().view(6));
        Refused("negative dimension", () => torch.zeros([-2]));
        Refused("out of range", () => x.size(5));
        Assert.Throws<TorchException>(() => x.item());
    }

    [Fact]
    public void The_callers_mistakes_are_named_before_the_call()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.zeros([2, 3]);
        Assert.Throws<ArgumentException>(() => x.clamp());
        Assert.Throws<ArgumentOutOfRangeException>(() => x.split(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.chunk(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => torch.set_num_threads(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => torch.nn.Dropout(1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => torch.nn.Dropout(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => torch.nn.Embedding(3, 2, padding_idx: 3));
        Assert.Throws<ArgumentException>(() => torch.nn.Conv1d(3, 4, 1, groups: 2));
        Assert.Throws<ArgumentException>(() => torch.nn.init.xavier_uniform_(torch.zeros([3])));
    }

    [Fact]
    public void An_impossible_amount_of_memory_is_an_error_not_an_end()
    {
        var error = Assert.Throws<TorchException>(() => torch.zeros([1L << 50]));
        Assert.Contains("memory", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Without_a_device_cuda_is_refused_in_words()
    {
        if (torch.cuda.is_available())
        {
            using var there = torch.ones([2], device: new Device(DeviceType.CUDA, 0));
            torch.cuda.synchronize();
            Expect.Values(there, [1, 1]);
            Assert.True(torch.cuda.device_count() > 0);
            return;
        }

        Assert.Equal(0, torch.cuda.device_count());
        using var x = torch.ones([2]);
        Refused("CUDA", () => x.cuda());
        Assert.Throws<TorchException>(() => torch.cuda.synchronize());
    }

    private static void Refused(string words, Func<object> operation)
    {
        var error = Assert.Throws<TorchException>(operation);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("frame #0", error.Message, StringComparison.Ordinal);
    }
}
