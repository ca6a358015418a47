using System.Xml.Linq;

namespace Colony.Repository.Tests;

/// <summary>Who may know whom. Arrows point downwards only; a new arrow is a decision, made here.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Rooms = new(StringComparer.Ordinal)
    {
        ["Orchestration"] = [],
        ["Actors"] = [],
        ["Torch"] = [],
        ["Protos"] = [],
        ["Telemetry"] = [],
        ["Jobs"] = [],
        ["Faults"] = [],
        ["Rpc"] = [],
        ["Storage"] = [],
        ["Data"] = ["Torch", "Storage"],
        ["Model"] = ["Torch"],
        ["Collective"] = ["Rpc", "Protos"],
        ["Simulation"] = ["Orchestration", "Actors"],
        ["Coordinator"] =
        [
            "Orchestration", "Actors", "Protos", "Rpc", "Telemetry", "Jobs", "Storage", "Faults",
        ],
        ["Worker"] =
        [
            "Orchestration", "Actors", "Protos", "Rpc", "Collective", "Torch", "Model", "Data", "Jobs", "Storage",
            "Telemetry", "Faults",
        ],
        ["Evaluator"] =
        [
            "Collective", "Model", "Torch", "Data", "Jobs", "Protos", "Rpc", "Telemetry", "Storage",
        ],
        ["Cli"] =
        [
            "Coordinator", "Worker", "Evaluator", "Simulation", "Orchestration", "Actors", "Protos", "Rpc",
            "Collective", "Torch", "Model", "Data", "Jobs", "Storage", "Telemetry",
        ],
    };

    private static readonly Dictionary<string, string[]> Packages = new(StringComparer.Ordinal)
    {
        ["Protos"] = ["Google.Protobuf", "Grpc.Tools"],
        ["Rpc"] = ["Google.Protobuf"],
        ["Storage"] = ["AWSSDK.S3"],
        ["Jobs"] = ["YamlDotNet"],
        ["Telemetry"] = ["OpenTelemetry", "OpenTelemetry.Exporter.OpenTelemetryProtocol"],
        ["Cli"] = ["System.CommandLine", "Spectre.Console"],
    };

    private static readonly string[] WebRooms = ["Rpc", "Coordinator", "Worker", "Evaluator", "Cli"];

    public static TheoryData<string> Projects =>
        [.. RepositoryFiles.All
            .Where(f => f.StartsWith("src/", StringComparison.Ordinal)
                && f.EndsWith(".csproj", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Room_ReferencesOnlyWhatTheTableAllows(string project)
    {
        string room = Path.GetFileNameWithoutExtension(project);
        Assert.True(Rooms.ContainsKey(room), $"{project} is a room that the table does not know");
        XDocument xml = XDocument.Parse(RepositoryFiles.Read(project));
        string[] references = [.. Names(xml, "ProjectReference")
            .Select(p => Path.GetFileNameWithoutExtension(p.Replace('\\', '/')))];
        Assert.Empty(references.Except(Rooms[room], StringComparer.Ordinal));
        Assert.Empty(Names(xml, "PackageReference")
            .Except(Packages.GetValueOrDefault(room, []), StringComparer.Ordinal));
        if (Names(xml, "FrameworkReference").Any())
        {
            Assert.Contains(room, WebRooms);
        }
    }

    [Fact]
    public void Table_NamesEveryRoomThatExists() =>
        Assert.Empty(Rooms.Keys
            .Except(Projects.Select(p => Path.GetFileNameWithoutExtension(p.Data)), StringComparer.Ordinal));

    [Fact]
    public void Table_HasNoCycle()
    {
        foreach (string room in Rooms.Keys)
        {
            Assert.DoesNotContain(room, Below(room, 0));
        }
    }

    [Fact]
    public void Orchestration_KnowsNoTaskNoClockAndNoInput()
    {
        string[] banned =
        [
            "Task", "async ", "await ", "DateTime", "Stopwatch", "TimeProvider", "ILogger", "Console.", "File.",
            "Random",
            "Thread", "HttpClient", "Environment.",
        ];
        foreach (string file in RepositoryFiles.CSharp("src/Orchestration/"))
        {
            string[] code = [.. RepositoryFiles.Lines(file)
                .Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal))];
            foreach (string word in banned)
            {
                Assert.DoesNotContain(code, l => l.Contains(word, StringComparison.Ordinal));
            }
        }
    }

    private static IEnumerable<string> Below(string room, int depth) =>
        depth > Rooms.Count
            ? [room]
            : Rooms[room].SelectMany(r => Below(r, depth + 1).Append(r)).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> Names(XDocument xml, string element) =>
        xml.Descendants(element).Select(e => e.Attribute("Include")?.Value ?? string.Empty);
}
