using System.Globalization;

namespace Colony.Model.Tests;

/// <summary>
/// Ten times what the reference itself differs by between float32 and float64, as the table in the golden folder's
/// README.md gives it for a file; for a file that the table does not name, the widest row of the family.
/// </summary>
internal sealed record Tolerances(double Output, double Loss, double Gradient, double After1, double After3)
{
    private const double Factor = 10;

    private static readonly Tolerances Widest = new(1e-5, 2e-5, 3e-4, 1e-6, 4e-6);

    public static Tolerances Of(string file)
    {
        var table = Path.Combine(Path.GetDirectoryName(GoldenFolder.PathOf(file))!, "README.md");
        if (!File.Exists(table))
        {
            return Widest;
        }

        var start = $"| {Path.GetFileNameWithoutExtension(file)} |";
        var row = File.ReadLines(table).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal));
        if (row is null)
        {
            return Widest;
        }

        var cells = row.Split('|', StringSplitOptions.TrimEntries)[2..7]
            .Select(cell => cell.Length == 0 ? double.NaN : Factor * double.Parse(cell, CultureInfo.InvariantCulture))
            .ToArray();
        return new Tolerances(cells[0], cells[1], cells[2], cells[3], cells[4]);
    }
}
