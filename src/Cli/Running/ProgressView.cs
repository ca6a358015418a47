using System.Globalization;
using Colony.Coordinator;
using Colony.Evaluator;
using Colony.Orchestration;
using Spectre.Console;
using Proto = Colony.Protos.V1;

namespace Colony.Cli.Running;

/// <summary>
/// The live line of a run: bar, step, epoch, loss, speed, recall, workers, time left. Where no terminal is, one plain
/// line
/// now and then.
/// </summary>
internal sealed class ProgressView(int epochs) : IRunView
{
    /// <summary>Between two lines where there is no terminal.</summary>
    private static readonly TimeSpan LinePeriod = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    private readonly bool _live = AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private volatile Line _line = new(0, 0, 0, 0, double.NaN, 0, 0, null);
    private TimeSpan _saidAt;

    public static void Say(string sentence) =>
        AnsiConsole.MarkupLine($"[grey]{Markup.Escape(sentence)}[/]");

    public void Committed(CoordinatorState state, double loss, double samplesPerSecond)
    {
        long perEpoch = state.Geometry?.StepsPerEpoch ?? 1;
        _line = _line with
        {
            Step = state.Committed,
            Final = state.Geometry?.FinalStep ?? state.FinalStep,
            Epoch = ((state.Committed - 1) / perEpoch) + 1,
            Workers = state.Members.Length,
            Loss = loss,
            Speed = samplesPerSecond,
            Left = samplesPerSecond > 0
                ? ((state.Geometry?.FinalStep ?? 0) - state.Committed) * (state.Geometry?.BatchSize ?? 0)
                    / samplesPerSecond
                : 0,
        };
        if (!_live && TimeProvider.System.GetElapsedTime(_started) - _saidAt > LinePeriod)
        {
            _saidAt = TimeProvider.System.GetElapsedTime(_started);
            Console.WriteLine(Describe(_line));
        }
    }

    public void Judged(Proto.Evaluation evaluation)
    {
        _line = _line with { Evaluation = evaluation };
        Print(string.Create(
            CultureInfo.InvariantCulture,
            $"step {evaluation.Step}: {Protocols.Title(evaluation.Protocol, evaluation.Split)} "
            + $"image to text R@1/5/10 {evaluation.ImageToText.R1:0.0}/"
            + $"{evaluation.ImageToText.R5:0.0}/{evaluation.ImageToText.R10:0.0}, "
            + $"text to image {evaluation.TextToImage.R1:0.0}/"
            + $"{evaluation.TextToImage.R5:0.0}/{evaluation.TextToImage.R10:0.0}, Rsum {evaluation.Rsum:0.0}"));
    }

    public void EpochClosed(EpochAccount account) => Print(string.Create(
        CultureInfo.InvariantCulture,
        $"epoch {account.Epoch}: expected {account.Expected}, consumed {account.Consumed}, "
        + $"duplicates {account.Duplicates}, missing {account.Missing}"));

    public void Told(string sentence) => Print(sentence);

    /// <summary>Shows the run until it ends.</summary>
    public async Task<RunResult> ShowAsync(Task<RunResult> ended)
    {
        if (!_live)
        {
            return await ended.ConfigureAwait(false);
        }

        return await AnsiConsole.Progress()
            .AutoClear(false)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask("waiting for workers", maxValue: 1);
                using var timer = new PeriodicTimer(Refresh);
                while (!ended.IsCompleted)
                {
                    Line line = _line;
                    if (line.Final > 0)
                    {
                        bar.MaxValue = line.Final;
                        bar.Value = line.Step;
                        bar.Description = Markup.Escape(Describe(line));
                    }

                    await Task.WhenAny(ended, timer.WaitForNextTickAsync().AsTask()).ConfigureAwait(false);
                }

                bar.Value = _line.Step;
                bar.StopTask();
                return await ended.ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static void Print(string text) => AnsiConsole.MarkupLine(Markup.Escape(text));

    private string Describe(Line line)
    {
        string recall = line.Evaluation is { } e
            ? string.Create(CultureInfo.InvariantCulture, $", R@10 {e.ImageToText.R10:0.0}/{e.TextToImage.R10:0.0}")
            : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"step {line.Step}/{line.Final}, epoch {line.Epoch}/{epochs}, loss {line.Loss:0.###}, "
            + $"{line.Speed:0} samples/s"
            + $"{recall}, {line.Workers} workers, {TimeSpan.FromSeconds(line.Left):h\\:mm\\:ss} left");
    }

    private sealed record Line(
        long Step, long Final, long Epoch, int Workers, double Loss, double Speed, double Left,
        Proto.Evaluation? Evaluation);
}
