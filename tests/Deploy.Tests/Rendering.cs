using System.Collections.Concurrent;
using Colony.Testing;
using YamlDotNet.RepresentationModel;

namespace Colony.Deploy.Tests;

/// <summary>A kustomization as kubectl renders it.</summary>
internal sealed class Rendering(IReadOnlyList<YamlNode> objects)
{
    /// <summary>Debian 12's own kubectl has kustomize 2, which knows no lists of patches.</summary>
    private const int OldestKustomize = 4;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly ConcurrentDictionary<string, string> Rendered = new(StringComparer.Ordinal);
    private static readonly string[] PodKinds = ["StatefulSet", "Deployment"];

    public IReadOnlyList<YamlNode> Objects => objects;

    public IReadOnlyList<Workload> Workloads { get; } =
        [.. objects.Where(o => PodKinds.Contains(o.Text("kind"))).Select(o => new Workload(o))];

    public static async Task<Rendering> OfAsync(string folder)
    {
        if (Rendered.TryGetValue(folder, out string? known))
        {
            return new Rendering(Yaml.Documents(known));
        }

        string kubectl = Tools.Find("kubectl", "install kubectl 1.24 or newer");
        CancellationToken ct = TestContext.Current.CancellationToken;
        (_, string version) = await ServerProcess.RunAsync(
            kubectl, ["version", "--client", "-o", "yaml"], null, Limit, ct);
        string? kustomize = (Yaml.Documents(version)[0].At("kustomizeVersion") as YamlScalarNode)?.Value;
        if (!Version.TryParse(kustomize?.TrimStart('v'), out Version? found) || found.Major < OldestKustomize)
        {
            Tools.Absent($"'{kubectl}' has kustomize '{kustomize}': install kubectl 1.24 or newer");
        }

        string text = await RenderAsync(kubectl, folder, ct);
        return new Rendering(Yaml.Documents(Rendered.GetOrAdd(folder, text)));
    }

    public IEnumerable<YamlNode> OfKind(string kind) => objects.Where(o => o.Text("kind") == kind);

    public Workload Component(string name) => Workloads.Single(w => w.Component == name);

    public string JobText() =>
        OfKind("ConfigMap").Single(c => c.Text("metadata/name").StartsWith("colony-job", StringComparison.Ordinal))
            .Text("data/job.yaml");

    private static async Task<string> RenderAsync(string kubectl, string folder, CancellationToken ct)
    {
        // To a file, because a rendering is longer than what a process' output is kept of.
        using var folderOfOutput = new TemporaryFolder();
        string file = folderOfOutput["all.yaml"];
        (int code, string output) = await ServerProcess.RunAsync(
            kubectl, ["kustomize", DeployFiles.PathOf(folder), "--output", file], null, Limit, ct);
        Assert.True(code == 0, output);
        return await File.ReadAllTextAsync(file, ct);
    }
}

/// <summary>A StatefulSet or Deployment with its one container.</summary>
internal sealed class Workload(YamlNode node)
{
    private const string ComponentLabel = "app.kubernetes.io/component";

    public YamlNode Node => node;

    public string Component => node.Map("spec/template/metadata/labels")[ComponentLabel];

    public YamlNode Pod => node.At("spec/template/spec")!;

    public YamlNode Container => Pod.Items("containers").Single();

    public IReadOnlyList<string> Arguments =>
        [.. Container.Items("args").Select(a => ((YamlScalarNode)a).Value ?? "")];

    /// <summary>Ports by name.</summary>
    public IReadOnlyDictionary<string, string> Ports =>
        Container.Items("ports").ToDictionary(p => p.Text("name"), p => p.Text("containerPort"));

    /// <summary>The argument after an option.</summary>
    public string Option(string name)
    {
        int at = Arguments.ToList().IndexOf(name);
        return at >= 0 && at + 1 < Arguments.Count
            ? Arguments[at + 1]
            : throw new InvalidOperationException($"{Component} has no {name}");
    }

    public bool Selected(IReadOnlyDictionary<string, string> selector)
    {
        IReadOnlyDictionary<string, string> labels = node.Map("spec/template/metadata/labels");
        return selector.All(s => labels.TryGetValue(s.Key, out string? value) && value == s.Value);
    }
}
