namespace Colony.Torch.Tests;

public sealed class ThreadTests : IDisposable
{
    private readonly int _before = torch.get_num_threads();

    public void Dispose() => torch.set_num_threads(_before);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_number_of_threads_is_libtorchs_and_openblass(int count)
    {
        torch.set_num_threads(count);
        Assert.Equal(count, torch.get_num_threads());
        Assert.Equal(count, torch.get_num_blas_threads());
    }

    [Fact]
    public void A_new_thread_computes_with_as_many()
    {
        torch.set_num_threads(3);
        var seen = 0;
        var thread = new Thread(() => seen = torch.get_num_threads());
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(30)));
        Assert.Equal(3, seen);
    }

    [Fact]
    public void Several_threads_compute_and_free_at_once()
    {
        const int Threads = 4;
        using var weight = torch.ones([8, 8]).requires_grad_();
        var before = MemoryTests.Settled();
        var results = new double[Threads];
        var threads = Enumerable.Range(0, Threads)
            .Select(own => new Thread(() => results[own] = Compute(weight, own)))
            .ToArray();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        Assert.All(threads, thread => Assert.True(thread.Join(TimeSpan.FromSeconds(60))));
        Assert.Equal(Enumerable.Range(0, Threads).Select(t => 8.0 * 8 * 8 * (t + 1)), results);
        Assert.Equal(before, TensorCounters.Live);

        static double Compute(Tensor weight, int own)
        {
            double result = 0;
            for (var i = 0; i < 200; i++)
            {
                using var scope = torch.NewDisposeScope();
                var input = torch.full([8, 8], own + 1);
                var loss = input.matmul(weight).sum();
                result = torch.autograd.grad([loss], [weight])[0]!.sum().ToDouble();
            }

            return result;
        }
    }

    [Fact]
    public void The_mode_of_recording_is_the_threads_own()
    {
        using var mode = torch.no_grad();
        var other = false;
        var thread = new Thread(() => other = torch.is_grad_enabled());
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(30)));
        Assert.True(other);
        Assert.False(torch.is_grad_enabled());
    }

    [Fact]
    public void Gradients_of_repeated_indices_are_the_same_bits_each_time_when_asked_to_be()
    {
        torch.set_num_threads(2);
        torch.use_deterministic_algorithms(true);
        try
        {
            torch.manual_seed(5);
            using var scope = torch.NewDisposeScope();
            var table = torch.zeros([3, 64]).requires_grad_();
            var index = (torch.rand([4000]) * 3).@long();
            var weights = torch.randn([4000, 64]);
            var first = Gradient(table, index, weights);
            for (var i = 0; i < 5; i++)
            {
                Assert.Equal(first, Gradient(table, index, weights));
            }
        }
        finally
        {
            torch.use_deterministic_algorithms(false);
        }

        static float[] Gradient(Tensor table, Tensor index, Tensor weights)
        {
            using var scope = torch.NewDisposeScope();
            return torch.autograd.grad([(table[index] * weights).sum()], [table])[0]!.ToArray<float>();
        }
    }
}
