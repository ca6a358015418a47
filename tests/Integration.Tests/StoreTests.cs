using Colony.Testing;

namespace Colony.Integration.Tests;

/// <summary>Checkpoints in a real S3 server: written, listed, pulled, verified, resumed.</summary>
public sealed class StoreTests(SmallWorld world, S3Server server) : IClassFixture<S3Server>
{
    [Fact]
    public async Task A_run_with_its_checkpoints_in_a_bucket_resumes_to_the_same_weights()
    {
        string store = $"s3://{S3Server.Bucket}/runs/small";
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["COLONY_S3_ENDPOINT"] = server.Endpoint.AbsoluteUri,
            ["AWS_ACCESS_KEY_ID"] = S3Server.Key,
            ["AWS_SECRET_ACCESS_KEY"] = S3Server.Key,
        };
        string reference = new RunFiles(await world.ReferenceAsync()).Sha;
        var run = new RunFiles(world.Fresh());
        string[] arguments = ["train", world.Job, "--workers", "1", "--set", $"checkpoint.store={store}"];
        ColonyProcess train = ColonyProcess.Start([.. arguments, "--out", run.Folder], environment);
        await using (train)
        {
            await run.StepAsync(9, train);
            Signals.Send(train.Id, Signals.Interrupt);
            Ended drained = await train.EndAsync();
            Assert.True(drained.Code == 0, drained.Error + drained.Out);
        }

        Assert.False(Directory.Exists(run.Checkpoints), "the checkpoints should be in the bucket only");
        string step = run.Report().GetProperty("checkpoint_step").ToString();
        Ended listed = await ColonyProcess.RunAsync(environment, "checkpoint", "ls", store);
        Assert.True(listed.Code == 0, listed.Error);
        Assert.Matches($@"│ {step} +│", listed.Out);
        Ended verified = await ColonyProcess.RunAsync(environment, "checkpoint", "verify", store);
        Assert.True(verified.Code == 0, verified.Error);
        var pulled = new RunFiles(world.Fresh());
        Ended pull = await ColonyProcess.RunAsync(environment, "checkpoint", "pull", store, "--out", pulled.Folder);
        Assert.True(pull.Code == 0, pull.Error);
        Ended whole = await ColonyProcess.RunAsync("checkpoint", "verify", pulled.Folder);
        Assert.Contains($"step {step}: whole", whole.Out, StringComparison.Ordinal);

        // Resumed from the bucket alone: nothing of the first run's folder is used.
        var resumed = new RunFiles(world.Fresh());
        Ended ended = await ColonyProcess.RunAsync(environment, [.. arguments, "--out", resumed.Folder, "--resume"]);
        Assert.True(ended.Code == 0, ended.Error + ended.Out);
        Assert.Equal(reference, resumed.Sha);
    }
}
