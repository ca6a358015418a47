using System.Globalization;
using Colony.Simulation;
using Spectre.Console;

namespace Colony.Cli.Simulating;

/// <summary>A bar while a campaign runs; where no terminal is, a plain line on standard error now and then.</summary>
internal sealed class CampaignProgressView(long seeds) : IProgress<CampaignProgress>
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LinePeriod = TimeSpan.FromSeconds(10);

    private readonly bool _live = AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly Lock _lock = new();
    private volatile CampaignProgress _last = new(0, 0, 0);
    private TimeSpan _said;

    /// <summary>Real time since the view was made.</summary>
    public TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_started);

    public void Report(CampaignProgress value)
    {
        _last = value;
        if (_live)
        {
            return;
        }

        lock (_lock)
        {
            if (Elapsed - _said > LinePeriod)
            {
                _said = Elapsed;
                Console.Error.WriteLine(Describe());
            }
        }
    }

    /// <summary>Shows it until the campaign ends.</summary>
    public async Task<CampaignReport> ShowAsync(Task<CampaignReport> running)
    {
        if (!_live)
        {
            return await running.ConfigureAwait(false);
        }

        return await AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask("starting", maxValue: seeds);
                using var timer = new PeriodicTimer(Refresh);
                while (!running.IsCompleted)
                {
                    bar.Value = _last.Done;
                    bar.Description = Markup.Escape(Describe());
                    await Task.WhenAny(running, timer.WaitForNextTickAsync().AsTask()).ConfigureAwait(false);
                }

                bar.StopTask();
                return await running.ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private string Describe()
    {
        CampaignProgress last = _last;
        double left = last.Done > 0 ? Elapsed.TotalSeconds * (seeds - last.Done) / last.Done : 0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{last.Done}/{seeds} schedules, {last.Done / Math.Max(Elapsed.TotalSeconds, 1e-3):0}/s, "
            + $"{last.Violations} violations, {TimeSpan.FromSeconds(left):h\\:mm\\:ss} left");
    }
}
