using System.Text.Json;

namespace Colony.Deploy.Tests;

/// <summary>The dashboard as a file: its shape, and that it asks for nothing that the code does not measure.</summary>
public sealed class GrafanaTests
{
    private static readonly JsonDocument Dashboard =
        JsonDocument.Parse(DeployFiles.Read("deploy", "grafana", "colony.json"));

    private static JsonElement Root => Dashboard.RootElement;

    private static IReadOnlyList<JsonElement> Panels =>
        [.. Root.GetProperty("panels").EnumerateArray().SelectMany(p => NestedPanels(p).Prepend(p))];

    private static IEnumerable<JsonElement> Shown => Panels.Where(p => Text(p, "type") != "row");

    [Fact]
    public void Dashboard_CanBeImportedAgainAndAgain()
    {
        Assert.Equal(JsonValueKind.Null, Root.GetProperty("id").ValueKind);
        Assert.Equal("colony-training", Text(Root, "uid"));
        Assert.True(Root.GetProperty("schemaVersion").GetInt32() >= 36);
        int[] ids = [.. Panels.Select(p => p.GetProperty("id").GetInt32())];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Rows_GoFromAliveToWrong_WithRecallAndThroughputFirst()
    {
        Assert.Equal(
            ["Is it alive?", "What is it doing?", "What is wrong?"],
            Panels.Where(p => Text(p, "type") == "row").Select(p => Text(p, "title")));
        Assert.Equal(["Recall", "Throughput"], Shown.Take(2).Select(p => Text(p, "title")));
    }

    [Fact]
    public void Panels_HaveUnitsDescriptionsAndTheChosenDataSource() => Assert.All(Shown, panel =>
    {
        JsonElement defaults = panel.GetProperty("fieldConfig").GetProperty("defaults");
        Assert.NotEmpty(Text(defaults, "unit"));
        Assert.NotEmpty(Text(panel, "description"));
        Assert.NotEmpty(panel.GetProperty("targets").EnumerateArray());
        IEnumerable<JsonElement> sources = panel.GetProperty("targets").EnumerateArray().Append(panel)
            .Select(p => p.GetProperty("datasource"));
        Assert.All(sources, s => Assert.Equal("${datasource}", Text(s, "uid")));
    });

    [Fact]
    public void Panels_DoNotOverlapAndStayInTheGrid()
    {
        var taken = new HashSet<(int X, int Y)>();
        foreach (JsonElement place in Panels.Select(p => p.GetProperty("gridPos")))
        {
            int[] box = [.. new[] { "x", "y", "w", "h" }.Select(k => place.GetProperty(k).GetInt32())];
            Assert.InRange(box[0] + box[2], 1, 24);
            Assert.All(
                Enumerable.Range(box[0], box[2]).SelectMany(x => Enumerable.Range(box[1], box[3]).Select(y => (x, y))),
                cell => Assert.True(taken.Add(cell), $"two panels at {cell}"));
        }
    }

    [Fact]
    public void Queries_NameOnlyMetricsAndLabelsOfTheSource()
    {
        string[] expressions =
        [
            .. Shown.SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => Text(t, "expr")),
            .. Root.GetProperty("annotations").GetProperty("list").EnumerateArray().Select(a => Text(a, "expr")),
            .. Variables("query").Select(v => Text(v, "definition")),
        ];
        Assert.All(expressions, e => Assert.NotEmpty(PromQuery.Metrics(e)));
        Assert.Empty(expressions.SelectMany(PromQuery.Unknown));
    }

    [Fact]
    public void Queries_UseEveryVariable()
    {
        string all = DeployFiles.Read("deploy", "grafana", "colony.json");
        Assert.Single(Variables("datasource"));
        Assert.All(Variables("query"), v => Assert.Contains("$" + Text(v, "name"), all, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ConfigMap_IsFoundByTheSidecar()
    {
        Rendering all = await Rendering.OfAsync("deploy/grafana");
        YamlDotNet.RepresentationModel.YamlNode map = Assert.Single(all.OfKind("ConfigMap"));
        Assert.Equal("1", map.Map("metadata/labels")["grafana_dashboard"]);
        Assert.Equal(DeployFiles.Read("deploy", "grafana", "colony.json"), map.Map("data")["colony.json"]);
    }

    private static IEnumerable<JsonElement> NestedPanels(JsonElement panel) =>
        panel.TryGetProperty("panels", out JsonElement nested) ? nested.EnumerateArray() : [];

    private static IEnumerable<JsonElement> Variables(string type) =>
        Root.GetProperty("templating").GetProperty("list").EnumerateArray().Where(v => Text(v, "type") == type);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";
}
