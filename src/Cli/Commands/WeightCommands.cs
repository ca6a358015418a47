using System.CommandLine;
using Colony.Cli.Running;
using Colony.Cli.Weights;
using Colony.Storage;

namespace Colony.Cli.Commands;

/// <summary><c>colony checkpoint import</c> and <c>export</c>: weights from and to others.</summary>
internal static class WeightCommands
{
    /// <summary>Published weights become a file that a job can begin with.</summary>
    public static Command Import()
    {
        Argument<string> job = SharedOptions.Job();
        var weights = new Argument<string>("weights")
        {
            Description = "model.safetensors, pytorch_model.bin, .pt, .pth or .tar of torch.save (1.6 or later).",
        };
        var output = new Option<string>("--out") { Description = "The safetensors file to write.", Required = true };
        var configuration = new Option<string?>("--config")
        {
            Description = "The BERT's config.json; the one beside the weights unless given.",
        };
        Option<string[]> set = SharedOptions.Set();
        Option<string?> baseDirectory = SharedOptions.Base();
        var command = new Command("import", "Turns published weights into initial weights of a job's model.")
        {
            job, weights, output, configuration, set, baseDirectory,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            JobSource source = JobSource.Read(
                parsed.GetRequiredValue(job), parsed.GetValue(set) ?? [], parsed.GetValue(baseDirectory));
            await WeightImport.RunAsync(
                source, parsed.GetRequiredValue(weights), parsed.GetValue(configuration),
                parsed.GetRequiredValue(output), Console.WriteLine, cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    /// <summary>A run's weights become a file that others can read.</summary>
    public static Command Export()
    {
        var run = new Argument<string>("run") { Description = "Folder of the run." };
        var output = new Option<string>("--out") { Description = "The safetensors file to write.", Required = true };
        var which = new Option<string>("--checkpoint")
        {
            Description = "latest, best or a step.",
            DefaultValueFactory = _ => "best",
        };
        var only = new Option<string>("--only")
        {
            Description = "Only names that begin so, without that beginning: img_enc. or txt_enc.bert. for instance.",
            DefaultValueFactory = _ => string.Empty,
        };
        var command = new Command("export", "Writes the weights of a checkpoint under their published names.")
        {
            run, output, which, only,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string folder = parsed.GetRequiredValue(run);
            JobSource source = FinishedRun.Source(folder, null);
            using IObjectStore store = FinishedRun.Store(folder, source);
            var catalog = new CheckpointCatalog(store, note => ProgressView.Say(note));
            CheckpointManifest manifest = await FinishedRun.ChooseAsync(
                folder, catalog, parsed.GetRequiredValue(which), cancellationToken).ConfigureAwait(false);
            await WeightExport.RunAsync(
                await catalog.OpenAsync(manifest.Step, cancellationToken).ConfigureAwait(false),
                source.Job, parsed.GetRequiredValue(only), parsed.GetRequiredValue(output), Console.WriteLine,
                cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }
}
