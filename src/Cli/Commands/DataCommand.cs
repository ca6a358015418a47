using System.CommandLine;
using Colony.Data;

namespace Colony.Cli.Commands;

/// <summary><c>colony data</c>: makes and packs data sets.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Makes and packs data sets.")
    {
        Synth(), PackCommands.Pack(), PackCommands.Verify(),
    };

    private static Command Synth()
    {
        var scenes = new Option<int>("--scenes")
        {
            Description = "Training scenes, five captions each.",
            DefaultValueFactory = _ => 2000,
        };
        var held = new Option<int>("--held-out")
        {
            Description = "Scenes of the dev split and of the test split.",
            DefaultValueFactory = _ => 1000,
        };
        var seed = new Option<ulong>("--seed") { Description = "The world's seed.", DefaultValueFactory = _ => 1 };
        var output = new Option<string>("--out") { Description = "Folder to write.", Required = true };
        var command = new Command(
            "synth", "Writes a synthetic world in SCAN's format, with boxes and a drawing of every scene.")
        {
            scenes, held, seed, output,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            string folder = parsed.GetRequiredValue(output);
            WorldWriter.Write(
                folder,
                parsed.GetValue(scenes),
                parsed.GetValue(seed),
                new WorldOptions { DevScenes = parsed.GetValue(held), TestScenes = parsed.GetValue(held) },
                cancellationToken);
            Console.WriteLine(
                $"{folder}: {parsed.GetValue(scenes)} scenes to train on, {parsed.GetValue(held)} each in dev "
                + "and test; open any file in svg/");
            return Task.FromResult(0);
        });
        return command;
    }
}
