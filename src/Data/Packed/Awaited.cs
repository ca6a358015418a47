using System.Runtime.ExceptionServices;

namespace Colony.Data;

/// <summary>
/// Where a reading thread waits for what the thread pool fetches. Loading a batch is a plain call, whether its bytes
/// come from memory, from a disk (a page fault waits no less) or from a store; so one place waits on an event, and no
/// caller blocks on a task. The work must bound its own time, as <see cref="Storage.ObjectCache"/> does.
/// </summary>
internal static class Awaited
{
    /// <summary>Waits for work that is under way.</summary>
    public static void End(Task work) => Of(async () =>
    {
        await work.ConfigureAwait(false);
        return true;
    });

    public static T Of<T>(Func<Task<T>> work)
    {
        using var done = new ManualResetEventSlim();
        var (result, failure) = (default(T), default(ExceptionDispatchInfo));
        _ = Task.Run(async () =>
        {
            try
            {
                result = await work().ConfigureAwait(false);
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
        failure?.Throw();
        return result!;
    }
}
