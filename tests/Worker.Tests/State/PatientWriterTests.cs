using Colony.Rpc;
using Colony.Testing;

namespace Colony.Worker.Tests;

public sealed class PatientWriterTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task OneThatTakesNothing_IsLetGoAfterTheLimitAndNotBefore()
    {
        var clock = new ManualClock();
        var deaf = new Deaf();
        using var writer = new PatientWriter<int>(deaf, clock, Limit);
        await writer.WriteAsync(1, TestContext.Current.CancellationToken);
        clock.Advance(2 * Limit);
        await writer.WriteAsync(2, TestContext.Current.CancellationToken);

        deaf.Listening = false;
        Task write = writer.WriteAsync(3, TestContext.Current.CancellationToken).AsTask();
        clock.Advance(Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(write.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        RpcException late = await Assert.ThrowsAsync<RpcException>(
            () => write.WaitAsync(Tiny.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.DeadlineExceeded, late.Code);
    }

    [Fact]
    public async Task Cancelled_SaysSo()
    {
        using var cancel = new CancellationTokenSource();
        using var writer = new PatientWriter<int>(new Deaf { Listening = false }, new ManualClock(), Limit);
        Task write = writer.WriteAsync(1, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
    }

    private sealed class Deaf : IRpcWriter<int>
    {
        public bool Listening { get; set; } = true;

        public async ValueTask WriteAsync(int message, CancellationToken cancellationToken)
        {
            if (!Listening)
            {
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            }
        }
    }
}
