using System.CommandLine;
using System.Globalization;
using Colony.Cli.Running;
using Colony.Storage;
using Spectre.Console;

namespace Colony.Cli.Commands;

/// <summary><c>colony checkpoint</c>: lists, verifies and pulls checkpoints of any store,
/// and takes weights from and to others.</summary>
internal static class CheckpointCommand
{
    public static Command Create() =>
        new("checkpoint", "Lists, verifies and pulls checkpoints, imports and exports weights.")
        {
            List(), Verify(), Pull(), WeightCommands.Import(), WeightCommands.Export(),
        };

    private static Argument<string> Store() => new("store")
    {
        Description = "A run's folder, file:///folder or s3://bucket/prefix.",
    };

    private static Command List()
    {
        Argument<string> store = Store();
        var command = new Command("ls", "Lists the committed checkpoints.") { store };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using IObjectStore objects = RunFolder.OpenStore(parsed.GetRequiredValue(store));
            Table table = new Table().AddColumns("step", "parts", "bytes", "Rsum", "written", "state");
            foreach (CheckpointEntry entry in await new CheckpointCatalog(objects)
                .ListAsync(cancellationToken).ConfigureAwait(false))
            {
                table.AddRow(
                    entry.Step.ToString(CultureInfo.InvariantCulture),
                    entry.Manifest?.Parts.Count.ToString(CultureInfo.InvariantCulture) ?? "?",
                    entry.Manifest?.Parts.Sum(p => p.Bytes).ToString(CultureInfo.InvariantCulture) ?? "?",
                    entry.Evaluation?.Rsum.ToString("0.0", CultureInfo.InvariantCulture) ?? string.Empty,
                    entry.Manifest?.Created.ToString("u", CultureInfo.InvariantCulture) ?? string.Empty,
                    Markup.Escape(entry.Problem ?? "whole"));
            }

            AnsiConsole.Write(table);
            return 0;
        });
        return command;
    }

    private static Command Verify()
    {
        Argument<string> store = Store();
        var step = new Option<long?>("--step") { Description = "Only this step; all unless given." };
        var command = new Command("verify", "Hashes every file of the checkpoints again.") { store, step };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using IObjectStore objects = RunFolder.OpenStore(parsed.GetRequiredValue(store));
            var catalog = new CheckpointCatalog(objects);
            long[] steps = parsed.GetValue(step) is { } one
                ? [one]
                : [.. (await catalog.ListAsync(cancellationToken).ConfigureAwait(false)).Select(e => e.Step)];
            foreach (long each in steps)
            {
                await catalog.VerifyAsync(each, cancellationToken).ConfigureAwait(false);
                Console.WriteLine($"step {each}: whole");
            }

            return 0;
        });
        return command;
    }

    private static Command Pull()
    {
        Argument<string> store = Store();
        var output = new Option<string>("--out") { Description = "Folder to write into.", Required = true };
        var step = new Option<long?>("--step") { Description = "The step; the latest unless given." };
        var command = new Command("pull", "Copies a checkpoint into a folder, verified, manifest last.")
        {
            store, output, step,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using IObjectStore objects = RunFolder.OpenStore(parsed.GetRequiredValue(store));
            var from = new CheckpointCatalog(objects);
            CheckpointManifest manifest = parsed.GetValue(step) is { } wanted
                ? (await from.OpenAsync(wanted, cancellationToken).ConfigureAwait(false)).Manifest
                : await from.LatestAsync(cancellationToken).ConfigureAwait(false)
                    ?? throw new UsageException($"{parsed.GetRequiredValue(store)}: holds no checkpoint");
            RunFolder folder = RunFolder.Open(parsed.GetRequiredValue(output));
            using IObjectStore target = RunFolder.OpenStore(folder.StoreAddress(null));
            foreach (CheckpointPart part in manifest.Parts)
            {
                string key = CheckpointNames.Folder(manifest.Step) + part.Name;
                await using Stream content = await objects.OpenReadAsync(key, cancellationToken).ConfigureAwait(false);
                await target.PutAsync(
                    key, (stream, token) => content.CopyToAsync(stream, token), cancellationToken)
                        .ConfigureAwait(false);
            }

            var to = new CheckpointCatalog(target);
            await to.CommitAsync(manifest, cancellationToken).ConfigureAwait(false);
            await to.VerifyAsync(manifest.Step, cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(folder.Job, manifest.JobYaml, cancellationToken).ConfigureAwait(false);
            Console.WriteLine($"step {manifest.Step} is in {folder.At(CheckpointNames.Folder(manifest.Step))}");
            return 0;
        });
        return command;
    }
}
