using System.Globalization;
using Colony.Evaluator;
using Spectre.Console;
using Proto = Colony.Protos.V1;

namespace Colony.Cli.Reporting;

/// <summary>Recall in both directions beside what chance would give.</summary>
internal static class RecallTable
{
    /// <summary>The table of an evaluation.</summary>
    public static Table Of(Proto.Evaluation e)
    {
        int captionsPerImage = e.Images > 0 ? (int)(e.Captions / e.Images) : 1;
        RetrievalMetrics chance = ChanceLevel.Of(
            Protocols.Candidates(e.Protocol, (int)e.Images), Math.Max(1, captionsPerImage));
        string title = $"recall on {Protocols.Title(e.Protocol, e.Split)}, {e.Images} images, step {e.Step}";
        var table = new Table { Title = new TableTitle(title) };
        table.AddColumns("direction", "R@1", "R@5", "R@10", "median rank", "mean rank");
        Add(
            table, "image to text", e.ImageToText.R1, e.ImageToText.R5, e.ImageToText.R10,
            e.ImageToText.MedianRank, e.ImageToText.MeanRank);
        Add(
            table, "text to image", e.TextToImage.R1, e.TextToImage.R5, e.TextToImage.R10,
            e.TextToImage.MedianRank, e.TextToImage.MeanRank);
        Add(table, "chance, image to text", chance.ImageToText);
        Add(table, "chance, text to image", chance.TextToImage);
        table.Caption = new TableTitle(string.Create(CultureInfo.InvariantCulture, $"Rsum {e.Rsum:0.0}"));
        return table;
    }

    private static void Add(Table table, string name, DirectionMetrics d) =>
        Add(table, name, d.RecallAt1, d.RecallAt5, d.RecallAt10, d.MedianRank, d.MeanRank);

    private static void Add(Table table, string name, params ReadOnlySpan<double> values)
    {
        var cells = new List<string> { name };
        foreach (double value in values)
        {
            cells.Add(value.ToString("0.0", CultureInfo.InvariantCulture));
        }

        table.AddRow([.. cells]);
    }
}
