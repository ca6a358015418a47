using Xunit;

namespace Colony.Testing;

/// <summary>
/// A real S3 server, s3rver from npm, installed once into a cache under artifacts and started for a class.
/// </summary>
public sealed class S3Server : IAsyncLifetime
{
    public const string Bucket = "colony";

    /// <summary>The access key, and the secret key, that it takes.</summary>
    public const string Key = "S3RVER";

    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _server;
    private string? _absent;
    private Uri? _endpoint;
    private string? _script;

    /// <summary>How to reach it; skips the test (in CI: fails it) when it is not there.</summary>
    public Uri Endpoint
    {
        get
        {
            if (_absent is not null)
            {
                Tools.Absent(_absent);
            }

            return _endpoint ?? throw new InvalidOperationException("the S3 server has not been started");
        }
    }

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        var script = await InstallAsync(ct);
        if (script is null)
        {
            return;
        }

        _script = script;
        await StartAsync("0", ct);
    }

    /// <summary>Kills the server; what is stored stays.</summary>
    public async Task StopAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.DisposeAsync();
        }
    }

    /// <summary>Starts it again, with what is stored, at the same address.</summary>
    public Task RestartAsync(CancellationToken ct) =>
        StartAsync(Endpoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), ct);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task StartAsync(string port, CancellationToken ct)
    {
        _server = ServerProcess.Start(
            "node",
            [
                // s3rver makes its continuation tokens with a cipher that OpenSSL 3 keeps in its legacy provider.
                "--openssl-legacy-provider",
                _script!, "-d", _folder.Path, "-a", "127.0.0.1", "-p", port, "--configure-bucket", Bucket,
            ]);
        var ready = await _server.LineAsync(@"listening on (\S+):(\d+)", StartLimit, ct);
        _endpoint = new Uri($"http://127.0.0.1:{ready.Groups[2].Value}");
    }

    private async Task<string?> InstallAsync(CancellationToken ct)
    {
        var root = SharedFolder.RepositoryRoot ?? AppContext.BaseDirectory;
        var cache = Path.Combine(root, "artifacts", "npm");
        var script = Path.Combine(cache, "node_modules", "s3rver", "bin", "s3rver.js");
        if (File.Exists(script))
        {
            return script;
        }

        try
        {
            Directory.CreateDirectory(cache);
            File.Copy(
                Path.Combine(AppContext.BaseDirectory, "s3rver", "package.json"),
                Path.Combine(cache, "package.json"),
                overwrite: true);
            string[] install =
                ["install", "--prefix", cache, "--omit=dev", "--no-package-lock", "--no-audit", "--no-fund"];
            var (code, output) = await ServerProcess.RunAsync("npm", install, null, InstallLimit, ct);
            _absent = code == 0 ? null : $"npm could not install s3rver ({code}): {output}";
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or TimeoutException)
        {
            _absent = $"npm is not there or not answering, so there is no S3 server to test with: {e.Message}";
        }

        return _absent is null ? script : null;
    }
}
