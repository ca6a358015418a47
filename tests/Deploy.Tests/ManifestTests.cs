using System.Globalization;
using System.Text.RegularExpressions;
using Colony.Cli;
using Colony.Jobs;
using YamlDotNet.RepresentationModel;

namespace Colony.Deploy.Tests;

/// <summary>Base and overlays as kubectl renders them, against the command line and the source.</summary>
public sealed partial class ManifestTests
{
    private const int ShortestWorkerGrace = 60;
    private static readonly string[] Roles = ["coordinator", "evaluator", "worker"];

    public static TheoryData<string> Folders => ["deploy/k8s/base", "deploy/k8s/overlays/local"];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Arguments_AreOnesThatTheCommandLineKnows(string folder)
    {
        Rendering all = await Rendering.OfAsync(folder);
        Assert.Equal(Roles, all.Workloads.Select(w => w.Component).Order());
        Assert.All(all.Workloads, w =>
        {
            Assert.Equal(w.Component, w.Arguments[0]);
            Assert.Empty(CommandLine.Root().Parse([.. w.Arguments]).Errors.Select(e => e.Message));
        });
    }

    [Fact]
    public void CommandLine_RefusesWhatARoleDoesNotHave() => Assert.NotEmpty(
        CommandLine.Root().Parse(["evaluator", "job.yaml", "--coordinator", "a:1", "--advertise", "b"]).Errors);

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Arguments_UseOnlyVariablesOfThePod(string folder)
    {
        Rendering all = await Rendering.OfAsync(folder);
        Assert.All(all.Workloads, w =>
        {
            string[] given = [.. w.Container.Items("env").Select(e => e.Text("name"))];
            IEnumerable<Match> used = w.Arguments.SelectMany(a => Variable().Matches(a));
            Assert.Empty(used.Select(m => m.Groups[1].Value).Except(given));
        });
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Ports_AgreeInArgumentsContainersServicesAndAnnotations(string folder)
    {
        Rendering all = await Rendering.OfAsync(folder);
        Assert.All(all.Workloads, w =>
        {
            Assert.Equal(w.Option("--port"), w.Ports["grpc"]);
            Assert.Equal(w.Option("--metrics-port"), w.Ports["metrics"]);
            Assert.Equal(w.Ports["metrics"], w.Node.Map("spec/template/metadata/annotations")["prometheus.io/port"]);
            YamlNode service = Assert.Single(all.OfKind("Service"), s => w.Selected(s.Map("spec/selector")));
            Assert.Equal(w.Ports.Count, service.Items("spec/ports").Count);
            Assert.All(
                service.Items("spec/ports"), p => Assert.Equal(w.Ports[p.Text("targetPort")], p.Text("port")));
            if (w.Node.Text("kind") == "StatefulSet")
            {
                Assert.Equal(service.Text("metadata/name"), w.Node.Text("spec/serviceName"));
            }
        });
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Coordinator_IsFoundByItsService(string folder)
    {
        Rendering all = await Rendering.OfAsync(folder);
        Workload coordinator = all.Component("coordinator");
        YamlNode service = all.OfKind("Service").Single(s => coordinator.Selected(s.Map("spec/selector")));
        string address = $"{service.Text("metadata/name")}:{coordinator.Ports["grpc"]}";
        Assert.Equal(address, all.Component("worker").Option("--coordinator"));
        Assert.Equal(address, all.Component("evaluator").Option("--coordinator"));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Probes_AskForPagesAndServicesThatTheHostsHave(string folder)
    {
        Rendering all = await Rendering.OfAsync(folder);
        Assert.All(all.Workloads, w =>
        {
            string host = HostSource(w.Component);
            foreach (string probe in new[] { "startupProbe", "livenessProbe" })
            {
                YamlNode get = w.Container.At(probe + "/httpGet")!;
                Assert.Contains($"MapText(\"{get.Text("path")}\"", host, StringComparison.Ordinal);
                Assert.Equal("metrics", get.Text("port"));
            }

            Assert.Equal(w.Ports["grpc"], w.Container.Text("readinessProbe/grpc/port"));
            Assert.Contains("AddHealth(", host, StringComparison.Ordinal);
            string scraped = w.Node.Map("spec/template/metadata/annotations")["prometheus.io/path"];
            Assert.Contains($"MapText(\"{scraped}\"", host, StringComparison.Ordinal);
        });
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Pods_KeepToTheRestrictedProfile(string folder)
    {
        Rendering all = await Rendering.OfAsync(folder);
        Assert.All(all.Workloads, w =>
        {
            Assert.Equal("true", w.Pod.Text("securityContext/runAsNonRoot"));
            Assert.Equal("RuntimeDefault", w.Pod.Text("securityContext/seccompProfile/type"));
            Assert.Equal("false", w.Pod.Text("automountServiceAccountToken"));
            Assert.Equal("false", w.Container.Text("securityContext/allowPrivilegeEscalation"));
            Assert.Equal("true", w.Container.Text("securityContext/readOnlyRootFilesystem"));
            Assert.Equal(["ALL"], w.Container.Items("securityContext/capabilities/drop").Select(c => c.ToString()));
            Assert.NotNull(w.Container.At("resources/requests/memory"));
            Assert.NotNull(w.Container.At("resources/limits/memory"));
            YamlNode[] mounts = [.. w.Container.Items("volumeMounts")];
            Assert.Contains(mounts, m => m.Text("mountPath") == "/tmp");
            Assert.Equal("true", mounts.Single(m => m.Text("mountPath") == w.Option("--base")).Text("readOnly"));
            Assert.NotEmpty(w.Pod.Text("securityContext/runAsUser").Trim('0'));
        });
        string grace = all.Component("worker").Pod.Text("terminationGracePeriodSeconds");
        Assert.InRange(int.Parse(grace, CultureInfo.InvariantCulture), ShortestWorkerGrace, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Policies_DenyByDefaultAndOpenOnlyPortsThatExist(string folder)
    {
        Rendering all = await Rendering.OfAsync(folder);
        YamlNode[] policies = [.. all.OfKind("NetworkPolicy")];
        YamlNode closed = policies.Single(p => p.Text("metadata/name") == "colony-default-deny");
        Assert.All(all.Workloads, w => Assert.True(w.Selected(closed.Map("spec/podSelector/matchLabels"))));
        Assert.Null(closed.At("spec/ingress"));
        Assert.Equal(["Ingress", "Egress"], closed.Items("spec/policyTypes").Select(t => t.ToString()));
        Assert.All(all.Workloads, w =>
        {
            YamlNode own = Assert.Single(
                policies, p => p != closed && w.Selected(p.Map("spec/podSelector/matchLabels")));
            YamlNode[] rules = [.. own.Items("spec/ingress")];
            Assert.All(rules, r => Assert.NotEmpty(r.Items("from")));
            string[] open = [.. rules.SelectMany(r => r.Items("ports")).Select(p => p.Text("port"))];
            Assert.Equal(w.Ports.Values.Order(), open.Order());
        });
        YamlNode worker = policies.Single(p => p.Text("metadata/name") == "colony-worker");
        IEnumerable<YamlNode> egress = worker.Items("spec/egress").SelectMany(e => e.Items("ports"));
        string[] called = [.. egress.Select(p => p.Text("port"))];
        Assert.Contains(all.Component("coordinator").Ports["grpc"], called);
        Assert.Contains(all.Component("worker").Ports["grpc"], called);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Job_IsOneThatTheCommandLineAccepts(string folder)
    {
        Rendering all = await Rendering.OfAsync(folder);
        Job job = JobFile.Parse(all.JobText(), "job.yaml", [], JobVocabulary.Instance).OrThrow();
        Workload worker = all.Component("worker");
        Assert.Equal(worker.Node.Text("spec/replicas"), job.Workers.Count.ToString(CultureInfo.InvariantCulture));
        Assert.InRange(job.Workers.Count, 1, job.Batch.LogicalRanks);
        Uri store = new(job.Checkpoint.Store!);
        if (store.IsFile)
        {
            // A folder only serves when coordinator and workers mount the same volume there.
            Assert.All(new[] { worker, all.Component("coordinator") }, w =>
            {
                YamlNode mount = w.Container.Items("volumeMounts").Single(
                    m => store.LocalPath.StartsWith(m.Text("mountPath") + "/", StringComparison.Ordinal));
                YamlNode volume = w.Pod.Items("volumes").Single(v => v.Text("name") == mount.Text("name"));
                Assert.Contains(
                    all.OfKind("PersistentVolumeClaim"),
                    c => c.Text("metadata/name") == volume.Text("persistentVolumeClaim/claimName"));
            });
        }
        else
        {
            Assert.Equal("s3", store.Scheme);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Objects_AreNamespaceNeutralAndLabelled(string folder)
    {
        Rendering all = await Rendering.OfAsync(folder);
        Assert.All(all.Objects, o =>
        {
            Assert.Null(o.At("metadata/namespace"));
            Assert.Equal("colony", o.Map("metadata/labels")["app.kubernetes.io/name"]);
            Assert.Equal("colony", o.Map("metadata/labels")["app.kubernetes.io/part-of"]);
        });
    }

    [Fact]
    public async Task Overlay_IsSmallerThanTheBase()
    {
        Rendering based = await Rendering.OfAsync("deploy/k8s/base");
        Rendering local = await Rendering.OfAsync("deploy/k8s/overlays/local");
        Assert.Equal("2", based.Component("worker").Node.Text("spec/replicas"));
        Assert.Equal("1", local.Component("worker").Node.Text("spec/replicas"));
        Assert.NotEqual(
            based.Component("worker").Container.Text("resources/limits/memory"),
            local.Component("worker").Container.Text("resources/limits/memory"));
    }

    private static string HostSource(string role)
    {
        string name = char.ToUpperInvariant(role[0]) + role[1..] + "Host.cs";
        return File.ReadAllText(
            Assert.Single(Directory.GetFiles(DeployFiles.PathOf("src"), name, SearchOption.AllDirectories)));
    }

    [GeneratedRegex(@"\$\(([A-Z_]+)\)", RegexOptions.None, 1000)]
    private static partial Regex Variable();
}
