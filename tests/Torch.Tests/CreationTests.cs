using System.Runtime.InteropServices;

namespace Colony.Torch.Tests;

public sealed class CreationTests
{
    [Fact]
    public void Filled()
    {
        using var scope = torch.NewDisposeScope();
        Expect.Values(torch.zeros([2]), [0, 0]);
        Expect.Values(torch.ones([2], ScalarType.Int64), [1, 1]);
        Expect.Values(torch.full([2, 1], 2.5), [2.5, 2.5]);
        Expect.Values(torch.arange(3), [0, 1, 2]);
        Expect.Values(torch.arange(1, 2, 0.25, ScalarType.Float32), [1, 1.25, 1.5, 1.75]);
        Expect.Values(torch.scalar_tensor(4), [4]);
        Expect.Shape(torch.scalar_tensor(4));
        Expect.Shape(torch.empty([3, 0, 2]), 3, 0, 2);
        var x = torch.tensor([1.0, 2.0]);
        Assert.Equal(ScalarType.Float64, torch.zeros_like(x).dtype);
        Expect.Values(torch.ones_like(x), [1, 1]);
        Expect.Values(torch.full_like(x, 3), [3, 3]);
    }

    [Fact]
    public void From_values_of_each_type()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(ScalarType.Float32, torch.tensor([1f, 2f]).dtype);
        Assert.Equal(ScalarType.Float64, torch.tensor([1.0, 2.0]).dtype);
        Assert.Equal(ScalarType.Int64, torch.tensor([1L, 2L]).dtype);
        Assert.Equal(ScalarType.Int32, torch.tensor([1, 2]).dtype);
        Assert.Equal(ScalarType.Bool, torch.tensor([true, false]).dtype);
        Assert.Equal(ScalarType.Float16, torch.tensor([(Half)1.5, (Half)2]).dtype);
        Expect.Values(torch.tensor([(Half)1.5, (Half)2]), [1.5, 2]);
        Expect.Shape(torch.tensor([1f, 2f, 3f, 4f], [2, 2]), 2, 2);
        ushort[] upperHalves = [0x3F80, 0xC000]; // 1 and -2 as bfloat16
        var brief = torch.frombuffer(MemoryMarshal.AsBytes<ushort>(upperHalves), ScalarType.BFloat16, [2]);
        Expect.Values(brief, [1, -2]);
        short[] shorts = [-3, 300];
        Expect.Values(torch.frombuffer(MemoryMarshal.AsBytes<short>(shorts), ScalarType.Int16, [2]), [-3, 300]);
        Expect.Values(torch.frombuffer([7, 255], ScalarType.Byte, [2, 1]), [7, 255]);
    }

    [Fact]
    public void A_tensor_has_its_own_memory()
    {
        using var scope = torch.NewDisposeScope();
        float[] values = [1, 2];
        var x = torch.tensor(values);
        values[0] = 5;
        Expect.Values(x, [1, 2]);
    }

    [Fact]
    public void A_shape_that_does_not_fit_the_values_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => torch.tensor([1f, 2f, 3f], [2, 2]));
        Assert.Contains("[2, 2] of Float32 needs 16 bytes, but 12 were given", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => torch.tensor([1f], [-1]));
        Assert.Throws<OverflowException>(() => torch.tensor([1f], [long.MaxValue, 3]));
    }

    [Theory]
    [InlineData(ScalarType.Byte, 1)]
    [InlineData(ScalarType.Bool, 1)]
    [InlineData(ScalarType.Int16, 2)]
    [InlineData(ScalarType.Float16, 2)]
    [InlineData(ScalarType.BFloat16, 2)]
    [InlineData(ScalarType.Int32, 4)]
    [InlineData(ScalarType.Float32, 4)]
    [InlineData(ScalarType.Int64, 8)]
    [InlineData(ScalarType.Float64, 8)]
    public void Types_have_the_sizes_and_numbers_of_libtorch(ScalarType type, int size)
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.ones([3]).to(type);
        Assert.Equal(type, x.dtype);
        Assert.Equal(size, x.element_size());
        Assert.Equal(3 * size, x.bytes().Length);
        Expect.Values(x, [1, 1, 1]);
    }

    [Fact]
    public void Conversions()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([1.75, -2.25]);
        Assert.Equal([1L, -2L], x.@long().ToArray<long>());
        Assert.Equal([1.75f, -2.25f], x.@float().ToArray<float>());
        Assert.Equal([true, true], x.@bool().ToArray<bool>());
        Assert.Equal(ScalarType.Float64, x.@float().@double().dtype);
        Assert.Equal(x.data_ptr(), x.to(ScalarType.Float64).data_ptr());
        Assert.NotEqual(x.data_ptr(), x.clone().data_ptr());
        Assert.Equal(default, x.device);
        Assert.Equal(x.data_ptr(), x.cpu().data_ptr());
    }

    [Fact]
    public void Devices_have_names()
    {
        Assert.Equal(torch.CPU, Device.Parse("cpu"));
        Assert.Equal(new Device(DeviceType.CUDA, 0), torch.device("cuda"));
        Assert.Equal("cuda:3", Device.Parse("cuda:3").ToString());
        Assert.Equal("cpu", default(Device).ToString());
        foreach (var text in new[] { "", "CPU", "cuda:", "cuda:-1", "cuda:300", "tpu" })
        {
            Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => Device.Parse(text)).Message,
                StringComparison.Ordinal);
        }
    }
}
