using System.Buffers;
using System.Runtime.CompilerServices;

namespace Colony.Torch.Tests;

public sealed class MemoryTests
{
    [Fact]
    public void A_span_is_the_tensors_own_memory()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.zeros([2, 2]);
        x.data<float>()[3] = 7;
        Expect.Values(x, [0, 0, 0, 7]);
        x.fill_(2);
        Assert.Equal([2f, 2f, 2f, 2f], x.data<float>().ToArray());
        Assert.Equal(4, torch.zeros([4]).to(ScalarType.BFloat16).data<ushort>().Length);
        Assert.Equal((Half)1, torch.ones([1]).to(ScalarType.Float16).data<Half>()[0]);
        Assert.True(torch.zeros([0, 3], ScalarType.Int64).data<long>().IsEmpty);
        Assert.True(torch.zeros([0, 3]).bytes().IsEmpty);
    }

    [Fact]
    public void Memory_of_another_type_or_order_is_refused_with_the_sizes()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.zeros([2, 3]);
        var type = Assert.Throws<InvalidOperationException>(() => x.data<long>().Length);
        Assert.Contains("[2, 3] Float32 cpu", type.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => x.data<ushort>().Length);
        Assert.Throws<InvalidOperationException>(() => x.data<int>().Length);
        var order = Assert.Throws<InvalidOperationException>(() => x.t().data<float>().Length);
        Assert.Contains("[3, 2] Float32 cpu with strides [1, 3]", order.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => x.t().bytes());
        Assert.Equal([0f, 0f, 0f, 0f, 0f, 0f], x.t().ToArray<float>());
    }

    [Fact]
    public void Bytes_outlive_the_wrapper()
    {
        var before = Settled();
        using (var owner = Bytes())
        {
            Assert.Equal(before + 1, TensorCounters.Live);
            Assert.Equal([0, 0, 128, 63, 0, 0, 0, 64], owner.Memory.ToArray());
            owner.Memory.Span[3] = 64;
            using var pin = owner.Memory.Pin();
        }

        Assert.Equal(before, TensorCounters.Live);

        static IMemoryOwner<byte> Bytes()
        {
            using var x = torch.tensor([1f, 2f]);
            return x.byteOwner();
        }
    }

    [Fact]
    public void Bytes_that_nobody_holds_let_the_tensor_go()
    {
        var before = Settled();
        Drop();
        Assert.Equal(before, Settled());

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop()
        {
            var x = torch.tensor([1f, 2f]);
            var memory = x.bytes();
            x.Dispose();
            Assert.Equal(63, memory.Span[3]);
        }
    }

    [Fact]
    public void Returned_memory_cannot_be_read()
    {
        using var x = torch.tensor([1f, 2f]);
        var owner = x.byteOwner();
        var memory = owner.Memory;
        owner.Dispose();
        owner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Equal(2f, x[1].ToSingle());
    }

    [Fact]
    public void A_tensor_that_nobody_holds_is_freed_by_the_collector()
    {
        var before = Settled();
        Drop();
        Assert.Equal(before, Settled());

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop() => torch.zeros([3]).ToString();
    }

    /// <summary>Living tensors after everything unreachable is gone.</summary>
    internal static long Settled()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return TensorCounters.Live;
    }
}
