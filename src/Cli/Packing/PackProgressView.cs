using System.Globalization;
using Colony.Data;
using Spectre.Console;

namespace Colony.Cli.Packing;

/// <summary>A bar while a pack is written or checked; where no terminal is, a plain line on standard error now and
/// then.</summary>
internal sealed class PackProgressView : IProgress<PackProgress>
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LinePeriod = TimeSpan.FromSeconds(10);

    private readonly bool _live = AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private volatile PackProgress _last = new("starting", 0, 1);
    private TimeSpan _said;

    private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_started);

    public void Report(PackProgress value)
    {
        _last = value;
        if (!_live && Elapsed - _said > LinePeriod)
        {
            _said = Elapsed;
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{value.What}: {value.Done}/{value.Total}, {100.0 * value.Done / Math.Max(value.Total, 1):0} %"));
        }
    }

    /// <summary>Shows it until the work ends.</summary>
    public async Task<PackSummary> ShowAsync(Func<PackProgressView, Task<PackSummary>> work)
    {
        // The work reads files as it goes, so it gets a thread of its own beside the bar's.
        Task<PackSummary> running = Task.Run(() => work(this));
        if (!_live)
        {
            return await running.ConfigureAwait(false);
        }

        return await AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask("starting");
                using var timer = new PeriodicTimer(Refresh);
                while (!running.IsCompleted)
                {
                    PackProgress last = _last;
                    (bar.MaxValue, bar.Value, bar.Description) =
                        (Math.Max(last.Total, 1), last.Done, Markup.Escape(last.What));
                    await Task.WhenAny(running, timer.WaitForNextTickAsync().AsTask()).ConfigureAwait(false);
                }

                bar.StopTask();
                return await running.ConfigureAwait(false);
            }).ConfigureAwait(false);
    }
}
