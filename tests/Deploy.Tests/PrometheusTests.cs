using Colony.Testing;
using YamlDotNet.RepresentationModel;

namespace Colony.Deploy.Tests;

/// <summary>The alerts, by promtool and against the source.</summary>
public sealed class PrometheusTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private static IReadOnlyList<YamlNode> Alerts =>
        [.. Document("alerts.yaml").Items("groups").SelectMany(g => g.Items("rules"))];

    [Theory]
    [InlineData("check", "alerts.yaml")]
    [InlineData("test", "alerts.test.yaml")]
    public async Task Rules_PassPromtool(string verb, string file)
    {
        string promtool = Tools.Find("promtool", "on Debian: apt-get install prometheus");
        (int code, string output) = await ServerProcess.RunAsync(
            promtool, [verb, "rules", DeployFiles.PathOf("deploy", "prometheus", file)], null, Limit,
            TestContext.Current.CancellationToken);
        Assert.True(code == 0, output);
        Assert.Contains("SUCCESS", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Alerts_NameOnlyMetricsAndLabelsOfTheSource()
    {
        Assert.All(Alerts, a => Assert.NotEmpty(PromQuery.Metrics(a.Text("expr"))));
        Assert.Empty(Alerts.SelectMany(a => PromQuery.Unknown(a.Text("expr"))));
    }

    [Theory]
    [InlineData("rate(colony_no_such_thing_total[1m])")]
    [InlineData("colony_step_duration_seconds")]
    [InlineData("sum by (colour) (colony_step)")]
    [InlineData("colony_step{colour=\"red\"}")]
    public void Check_FindsWhatTheSourceDoesNotHave(string expression) =>
        Assert.NotEmpty(PromQuery.Unknown(expression));

    [Fact]
    public void Alerts_SayWhatHappenedAndAreEachSeenToFire()
    {
        string[] fired =
        [
            .. Document("alerts.test.yaml").Items("tests").SelectMany(t => t.Items("alert_rule_test"))
                .Where(t => t.Items("exp_alerts").Count > 0).Select(t => t.Text("alertname")),
        ];
        Assert.Empty(Alerts.Select(a => a.Text("alert")).Except(fired));
        Assert.All(Alerts, a =>
        {
            Assert.NotEmpty(a.Text("annotations/summary"));
            Assert.Contains(a.Text("labels/severity"), new[] { "warning", "critical" });
        });
    }

    [Fact]
    public void Configuration_NamesTheRulesAndKeepsThePodsOfTheManifests()
    {
        // By hand, because Debian's promtool is built without Kubernetes' discovery and refuses the section.
        YamlNode configuration = Document("prometheus.yml");
        Assert.All(
            configuration.Items("rule_files"),
            f => Assert.True(File.Exists(DeployFiles.PathOf("deploy", "prometheus", f.ToString()))));
        YamlNode scrape = Assert.Single(configuration.Items("scrape_configs"));
        Assert.Equal("pod", Assert.Single(scrape.Items("kubernetes_sd_configs")).Text("role"));
        YamlNode kept = Assert.Single(
            scrape.Items("relabel_configs"), r => r.At("action") is YamlScalarNode { Value: "keep" });
        Assert.Equal("colony;true;metrics", kept.Text("regex"));
        Assert.Equal(3, kept.Items("source_labels").Count);
    }

    private static YamlNode Document(string name) =>
        Yaml.Documents(DeployFiles.Read("deploy", "prometheus", name))[0];
}
