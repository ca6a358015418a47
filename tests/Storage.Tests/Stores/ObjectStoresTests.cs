namespace Colony.Storage.Tests;

public sealed class ObjectStoresTests
{
    [Theory]
    [InlineData("file:///tmp/colony-x", "/tmp/colony-x")]
    [InlineData("/tmp/colony-x", "/tmp/colony-x")]
    [InlineData("s3://bucket", "s3://bucket/")]
    [InlineData("s3://bucket/runs/a/", "s3://bucket/runs/a")]
    public void Addresses_open_stores(string address, string location)
    {
        using var store = ObjectStores.Open(address, new ObjectStoreOptions { S3AccessKey = "a", S3SecretKey = "b" });
        Assert.Equal(location, store.Location);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("gs://bucket/x")]
    [InlineData("s3://")]
    [InlineData("s3://b/x")]
    [InlineData("s3://bucket/../x")]
    [InlineData("s3://buck et/x")]
    [InlineData("file://host/x")]
    public void Other_addresses_are_refused_with_what_to_write(string address)
    {
        var e = Assert.Throws<StorageException>(() => ObjectStores.Open(address, new ObjectStoreOptions()));
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void The_environment_is_read_by_its_usual_names()
    {
        var variables = new Dictionary<string, string>
        {
            ["AWS_ENDPOINT_URL"] = "https://other",
            ["COLONY_S3_ENDPOINT"] = "http://127.0.0.1:9000",
            ["AWS_DEFAULT_REGION"] = "eu-central-1",
            ["AWS_ACCESS_KEY_ID"] = "id",
            ["AWS_SECRET_ACCESS_KEY"] = "secret",
            ["AWS_SESSION_TOKEN"] = "",
        };
        var options = ObjectStoreOptions.FromEnvironment(variables.GetValueOrDefault);
        Assert.Equal(
            new ObjectStoreOptions
            {
                S3Endpoint = new Uri("http://127.0.0.1:9000"),
                S3Region = "eu-central-1",
                S3AccessKey = "id",
                S3SecretKey = "secret",
            },
            options);

        variables.Remove("AWS_SECRET_ACCESS_KEY");
        var e = Assert.Throws<StorageException>(() => ObjectStoreOptions.FromEnvironment(variables.GetValueOrDefault));
        Assert.Contains("AWS_SECRET_ACCESS_KEY is not", e.Message, StringComparison.Ordinal);
        variables["COLONY_S3_ENDPOINT"] = "127.0.0.1:9000";
        variables["AWS_SECRET_ACCESS_KEY"] = "secret";
        e = Assert.Throws<StorageException>(() => ObjectStoreOptions.FromEnvironment(variables.GetValueOrDefault));
        Assert.Contains("http://host:port", e.Message, StringComparison.Ordinal);
    }
}
