using YamlDotNet.RepresentationModel;

namespace Colony.Deploy.Tests;

/// <summary>YAML by paths: <c>node.Text("spec/template/spec/replicas")</c>.</summary>
internal static class Yaml
{
    public static IReadOnlyList<YamlNode> Documents(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(d => d.RootNode)];
    }

    public static YamlNode? At(this YamlNode node, string path)
    {
        YamlNode? here = node;
        foreach (string key in path.Split('/'))
        {
            here = here is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? next)
                ? next
                : null;
        }

        return here;
    }

    /// <summary>The scalar at a path; a test that asks for one that is not there fails with the path.</summary>
    public static string Text(this YamlNode node, string path) =>
        (node.At(path) as YamlScalarNode)?.Value
        ?? throw new InvalidOperationException($"{path} is not in\n{node}");

    public static IReadOnlyList<YamlNode> Items(this YamlNode node, string path) =>
        node.At(path) is YamlSequenceNode list ? [.. list.Children] : [];

    public static IReadOnlyDictionary<string, string> Map(this YamlNode node, string path) =>
        node.At(path) is YamlMappingNode map
            ? map.Children.ToDictionary(c => ((YamlScalarNode)c.Key).Value!, c => ((YamlScalarNode)c.Value).Value ?? "")
            : new Dictionary<string, string>();
}
