using System.CommandLine;
using System.Globalization;
using Colony.Cli.Running;
using Colony.Data;
using Colony.Evaluator;
using Colony.Jobs;
using Spectre.Console;

namespace Colony.Cli.Commands;

/// <summary>
/// <c>colony query</c>: asks a run's model with words or with an image, and writes a page with pictures.
/// </summary>
internal static class QueryCommand
{
    private const int DefaultTop = 8;
    private const int MaxTop = 100;

    public static Command Create()
    {
        var text = new Argument<string?>("text")
        {
            Description = "What to look for.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var run = new Option<string>("--run") { Description = "Folder of the run.", Required = true };
        var image = new Option<string?>("--image") { Description = "Asks with an image of the split instead: its id." };
        var split = new Option<string?>("--split")
        {
            Description = "The split to search; the job's final split, or its evaluation split, unless given.",
        };
        var which = new Option<string>("--checkpoint")
        {
            Description = "latest, best or a step.",
            DefaultValueFactory = _ => "best",
        };
        var top = new Option<int>("--top") { Description = "Answers.", DefaultValueFactory = _ => DefaultTop };
        Option<string?> baseDirectory = SharedOptions.Base();
        var command = new Command("query", "Searches images by words, or captions by an image.")
        {
            text, run, image, split, which, top, baseDirectory,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(run),
            parsed.GetValue(text),
            parsed.GetValue(image),
            parsed.GetValue(split),
            parsed.GetRequiredValue(which),
            parsed.GetValue(top),
            parsed.GetValue(baseDirectory),
            cancellationToken));
        return command;
    }

    /// <summary>Asks, prints the answers and writes the page.</summary>
    public static async Task<int> RunAsync(
        string run,
        string? text,
        string? image,
        string? split,
        string which,
        int top,
        string? baseDirectory,
        CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(text) == (image is null))
        {
            throw new UsageException(
                "query: ask either with words (colony query --run DIR \"a red ball\") or with --image ID");
        }

        if (top is < 1 or > MaxTop)
        {
            throw new UsageException($"--top {top}: between 1 and {MaxTop} answers can be shown");
        }

        JobSource source = FinishedRun.Source(run, baseDirectory);
        string name = split ?? source.Job.Evaluate.FinalSplit ?? source.Job.Evaluate.Split;
        using IDataset data = TrainedModel.OpenData(source.Job, source.BaseDirectory, name, ProgressView.Say);
        using TrainedModel model = await FinishedRun.OpenAsync(run, source, data, name, which, cancellationToken)
            .ConfigureAwait(false);
        using Judged judged = Judgement.Of(
            model, source.Job.Evaluate.Index, EvaluateSection.AllImages, source.Job.Train.Threads, cancellationToken);
        var search = new SceneSearch(model, judged);
        IReadOnlyList<SearchHit> hits = image is null ? search.ByText(text!, top) : search.ByImage(image, top);
        Print(hits);
        string page = new RunFolder(Path.GetFullPath(run)).At("query.html");
        await QueryPage.WriteAsync(
            page,
            new PageQuery(image ?? text!, image is null ? null : PictureOf(source, image)),
            [.. hits.Select(h => new PageHit(
                h.Id,
                h.Score,
                image is null ? Captions(model.Dataset, h.Image) : [h.Caption],
                PictureOf(source, h.Id),
                image is not null && string.Equals(h.Id, image, StringComparison.Ordinal)))],
            [
                new PageFact("job", source.Job.Name),
                new PageFact("step", model.Step.ToString(CultureInfo.InvariantCulture)),
                new PageFact("split", $"{model.Split}, {model.Dataset.Images} images"),
            ],
            cancellationToken).ConfigureAwait(false);
        AnsiConsole.MarkupLine($"open [link]{Markup.Escape(page)}[/]");
        return 0;
    }

    private static void Print(IReadOnlyList<SearchHit> hits)
    {
        Table table = new Table().AddColumns("score", "image", "caption");
        foreach (SearchHit hit in hits)
        {
            table.AddRow(
                hit.Score.ToString("0.000", CultureInfo.InvariantCulture),
                Markup.Escape(hit.Id), Markup.Escape(hit.Caption));
        }

        AnsiConsole.Write(table);
    }

    private static string[] Captions(IDataset dataset, int image) =>
        [.. Enumerable.Range(image * dataset.CaptionsPerImage, dataset.CaptionsPerImage).Select(dataset.Caption)];

    // A synthetic world brings a drawing of every scene; other data sets bring no pictures.
    private static Picture? PictureOf(JobSource source, string id)
    {
        var options = (DatasetOptions)source.Job.Data;
        string file = Path.Combine(source.BaseDirectory, options.Path, "svg", $"{id}.svg");
        return File.Exists(file) ? new Picture.Drawing(File.ReadAllText(file)) : null;
    }
}
