using Colony.Storage;

namespace Colony.Data.Tests;

/// <summary>Packs that are not whole, or not what a job asks for: one sentence that names the file and the
/// cure.</summary>
public sealed class BadPackTests : IDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly PackedWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_folder_without_an_index() => await RefusedAsync(
        pack => File.Delete(In(pack, PackIndex.Key)), "index.json: there is no such file, so this is no finished pack");

    [Fact]
    public async Task A_truncated_shard() => await RefusedAsync(
        pack => Cut(In(pack, "train-00001.safetensors"), 10), "train-00001.safetensors: has ", "and the index says");

    [Fact]
    public async Task A_missing_shard() => await RefusedAsync(
        pack => File.Delete(In(pack, "train-00002.safetensors")), "train-00002.safetensors: there is no such file");

    [Fact]
    public async Task A_changed_captions_file() => await RefusedAsync(
        pack => Replace(In(pack, "train-captions.jsonl"), "dog", "cat"), "train-captions.jsonl: is not what the index");

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "is of version 2, and this colony reads up to 1")]
    [InlineData("colony-pack", "colony-pick", "is no index of a pack")]
    [InlineData("\"feature_dim\": 5", "\"feature_dim\": 99999999999", "'feature_dim' is 99999999999")]
    [InlineData("\"feature_dim\": 5", "\"feature_dim\": 16000000", "more than its")]
    [InlineData("\"feature_dim\": 5", "\"feature_dim\": \"5\"", "is no index of a pack")]
    [InlineData("\"images\": 11", "\"images\": 2000000000", "'images' is 2000000000")]
    [InlineData("\"images\": 11", "\"images\": 12", "has 12 images and 11 in its shards")]
    [InlineData("\"bytes\": ", "\"bytes\": -", "'bytes' is -")]
    [InlineData("train-00000.safetensors", "../00000.safetensors", "the file name has the segment '..'")]
    [InlineData("\"sha256\": \"", "\"sha256\": \"x", "not 64 lower-case hexadecimal digits")]
    [InlineData("{", "[", "is not JSON")]
    [InlineData("\"float16\"", "\"float8\"", "the type 'float8' is neither")]
    public async Task An_index_that_cannot_be(string old, string with, string says) => await RefusedAsync(
        pack => Replace(In(pack, PackIndex.Key), old, with), "pack/", says);

    [Fact]
    public async Task A_split_that_is_not_there()
    {
        var packed = await _world.PackAsync(_world.Precomp());
        Refused(packed, "val", "has no split 'val', only dev, test, train");
        Refused(packed with { CaptionsPerImage = 5 }, "train", "has 2 captions an image");
        Refused(packed with { Text = "features" }, "train", "has no token features");
        Refused(packed with { Format = "precomp", Order = "sharded", Path = _world.Folder.Path }, "train", "has none");
        Refused(packed with { Format = "precomp", Path = "s3://b/c" }, "train", "is a store");
        var dev = await _world.PackAsync(_world.Precomp() with { Boxes = "" }, force: true, splits: "train");
        Refused(dev with { Boxes = "boxes", VocabularyFromDev = false }, "train", "has no boxes");
        Refused(dev, "train", "has no split 'dev'");
    }

    [Fact]
    public async Task A_shard_of_another_pack_with_as_many_bytes()
    {
        var packed = await _world.PackAsync(_world.Precomp());
        File.Copy(In(_world.PackPath, "train-00000.safetensors"), In(_world.PackPath, "kept"));
        foreach (var (old, with, says) in new[]
        {
            ("\"features\"", "\"featuers\"", "has no tensor 'features'"),
            ("[12,5]", "[10,6]", "'features' is F16 (10, 6)"),
            ("\"F32\",\"shape\":[4,2]", "\"F32\",\"shape\":[2,4]", "'image_sizes' is F32 (2, 4)"),
        })
        {
            Replace(In(_world.PackPath, "train-00000.safetensors"), old, with);
            using (var data = Datasets.Open(packed, "train"))
            {
                var error = Assert.Throws<DataException>(() => data.LoadImages([0], Ct).Dispose());
                Assert.Contains("train-00000.safetensors", error.Message, StringComparison.Ordinal);
                Assert.Contains(says, error.Message, StringComparison.Ordinal);
            }

            File.Copy(In(_world.PackPath, "kept"), In(_world.PackPath, "train-00000.safetensors"), overwrite: true);
        }

        // The file ends with the last feature; 0x7C00 is infinity as a half.
        var bytes = await File.ReadAllBytesAsync(
            In(_world.PackPath, "train-00000.safetensors"), Ct);
        bytes[^2] = 0x00;
        bytes[^1] = 0x7C;
        await File.WriteAllBytesAsync(
            In(_world.PackPath, "train-00000.safetensors"), bytes, Ct);
        using var infinite = Datasets.Open(packed, "train");
        var found = Assert.Throws<DataException>(() => infinite.LoadImages([3], Ct).Dispose());
        Assert.Contains("image train3.jpg holds", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_shard_in_a_store_is_fetched_twice_and_then_named()
    {
        var packed = _world.Streamed(await _world.PackAsync(_world.Precomp()));
        Replace(In(_world.PackPath, "train-00001.safetensors"), "features", "FEATURES");
        using var data = Datasets.Open(packed, "train");
        using (data.LoadImages([0], Ct))
        {
            var error = Assert.Throws<DataException>(() => data.LoadImages([5], Ct).Dispose());
            Assert.Contains("'train-00001.safetensors' of", error.Message, StringComparison.Ordinal);
            Assert.Contains("is damaged: its SHA-256 is", error.Message, StringComparison.Ordinal);
            Assert.Contains("(fetched 2 times)", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_cache_smaller_than_a_shard()
    {
        var packed = await _world.PackAsync(_world.Precomp());
        Refused(_world.Streamed(packed, cacheBytes: 100), "train", "data: cache_bytes is 100, and the largest file of");
    }

    [Fact]
    public async Task Verify_names_the_file_that_differs()
    {
        await _world.PackAsync(_world.Precomp());
        Replace(In(_world.PackPath, "dev-00000.safetensors"), "features", "FEATURES");
        using var store = ObjectStores.Open(_world.PackPath, new ObjectStoreOptions());
        var error = await Assert.ThrowsAsync<DataException>(
            () => DataPack.VerifyAsync(store, null, Ct));
        Assert.Contains("dev-00000.safetensors: has the SHA-256 ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_packed()
    {
        var source = _world.Precomp();
        var cut = await Assert.ThrowsAsync<DataException>(() => _world.PackAsync(source with { MaxImages = 2 }));
        Assert.Contains("data.max_images=0", cut.Message, StringComparison.Ordinal);
        var packed = await _world.PackAsync(source);
        var again = await Assert.ThrowsAsync<DataException>(() => _world.PackAsync(packed, force: true));
        Assert.Contains("is a pack already", again.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => _world.PackAsync(source, splits: ["train", "train"]));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _world.PackAsync(source, perShard: 0));
    }

    private async Task RefusedAsync(Action<string> spoil, params string[] says)
    {
        var packed = await _world.PackAsync(_world.Precomp());
        spoil(_world.PackPath);
        Refused(packed, "train", says);
    }

    private static void Refused(DatasetOptions options, string split, params string[] says)
    {
        var error = Assert.Throws<DataException>(() => Datasets.Open(options, split).Dispose());
        Assert.All(says, words => Assert.Contains(words, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', error.Message);
    }

    private static string In(string pack, string name) => Path.Combine(pack, name);

    private static void Cut(string file, int bytes)
    {
        using var stream = File.OpenWrite(file);
        stream.SetLength(stream.Length - bytes);
    }

    private static void Replace(string file, string old, string with)
    {
        var bytes = File.ReadAllBytes(file);
        var at = bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(old));
        Assert.True(at >= 0, $"{file} has no '{old}'");
        File.WriteAllBytes(
            file, [.. bytes[..at], .. System.Text.Encoding.UTF8.GetBytes(with), .. bytes[(at + old.Length)..]]);
    }
}
