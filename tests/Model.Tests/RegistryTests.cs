using System.Text.RegularExpressions;
using Colony.Testing;

namespace Colony.Model.Tests;

/// <summary>What every model that jobs can name must come with.</summary>
public sealed partial class RegistryTests
{
    public static TheoryData<string> Models => [.. ModelRegistry.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_has_numbers_of_its_published_code_to_be_held_to(string name)
    {
        var families = GoldenFamily.All.Where(family => family.Model == name).ToArray();
        Assert.True(families.Length > 0, $"GoldenFamily.All has no line for {name}");

        // Not Assert.All, which makes a failure of the skip where there is no shared folder.
        foreach (var family in families)
        {
            GoldenFolder.Require(family.Pattern);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_is_among_those_that_every_encoder_test_walks(string name) =>
        Assert.Contains(name, EncoderTests.Models.Select(row => row.Data.Item1));

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_has_a_preset(string name) => Assert.True(
        Directory.GetFiles(Path.Combine(Root, "configs"), "*.yaml")
            .Any(path => ModelName().Match(File.ReadAllText(path)).Groups[1].Value == name),
        $"no job file in configs/ has model.name: {name}");

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_has_a_page_that_names_its_paper_inputs_options_differences_and_presets(string name)
    {
        var path = Path.Combine(Root, "docs", "models", $"{name}.md");
        Assert.True(File.Exists(path), $"docs/models/{name}.md is missing");
        var page = File.ReadAllText(path);
        Assert.StartsWith($"# {name}\n", page, StringComparison.Ordinal);
        foreach (var part in new[] { "Paper", "Inputs.", "Objective.", "Options.", "Differs from the published code." })
        {
            Assert.Contains($"**{part}", page, StringComparison.Ordinal);
        }

        var listed = page.IndexOf("**Presets.**", StringComparison.Ordinal);
        Assert.True(listed >= 0, $"docs/models/{name}.md has no **Presets.**");
        var presets = Code().Matches(page[listed..])
            .Select(match => match.Groups[1].Value).ToArray();
        Assert.NotEmpty(presets);
        Assert.All(presets, preset => Assert.Contains(
            $"  name: {name}\n", File.ReadAllText(Path.Combine(Root, "configs", $"{preset}.yaml")),
            StringComparison.Ordinal));
    }

    [Fact]
    public void Every_preset_is_on_the_page_of_its_model()
    {
        foreach (var path in Directory.GetFiles(Path.Combine(Root, "configs"), "*.yaml"))
        {
            var name = ModelName().Match(File.ReadAllText(path)).Groups[1].Value;
            var page = File.ReadAllText(Path.Combine(Root, "docs", "models", $"{name}.md"));
            Assert.Contains($"`{Path.GetFileNameWithoutExtension(path)}`", page, StringComparison.Ordinal);
        }
    }

    private static string Root =>
        SharedFolder.RepositoryRoot ?? throw new InvalidOperationException("the tests do not run in a checkout");

    [GeneratedRegex("`([^`]+)`", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();

    [GeneratedRegex("\nmodel:\n  name: ([a-z_]+)\n", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ModelName();
}
