using System.Text;
using Colony.Testing;

namespace Colony.Storage.Tests;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IObjectStore _store;
    private readonly List<string> _notices = [];
    private readonly CheckpointCatalog _catalog;

    public CheckpointTests()
    {
        _store = ObjectStores.Open(_folder.Path, new ObjectStoreOptions());
        _catalog = new CheckpointCatalog(_store, _notices.Add);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task A_checkpoint_comes_back_whole_whatever_the_number_of_parts(int parts)
    {
        var committed = await Checkpoints.CommitAsync(_store, 120, parts);
        Assert.True(File.Exists(_folder["checkpoints", "step-00000120", $"part-0-of-{parts}.safetensors"]));
        Assert.Equal(4, committed.Tensors.Count);
        var latest = await _catalog.LatestAsync(Ct);
        Assert.Equivalent(committed, latest, strict: true);
        Assert.Equal("name: synthetic\nseed: 1 # größe }\n", latest!.JobYaml);

        var reader = await _catalog.OpenAsync(120, Ct);
        var tensors = (await reader.ReadAsync(_ => true, Ct)).ToDictionary(t => t.Name);
        Assert.All(
            Checkpoints.TensorsOf(120), t => Assert.Equal(t.Bytes.ToArray(), tensors[t.Name].Bytes.ToArray()));
        Assert.Equal(committed.WeightsSha256, await SafetensorsWriter.HashAsync([.. tensors.Values], Ct));
        Assert.Equal(["a.bias"], (await reader.ReadAsync(name => name == "a.bias", Ct)).Select(t => t.Name));
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task Nothing_there_is_no_checkpoint()
    {
        Assert.Null(await _catalog.LatestAsync(Ct));
        Assert.Null(await _catalog.BestAsync(Ct));
        Assert.Empty(await _catalog.ListAsync(Ct));
        Assert.Empty(await _catalog.RetainAsync(1, 1, Ct));
        await Assert.ThrowsAsync<CheckpointException>(() => _catalog.OpenAsync(3, Ct));
    }

    [Fact]
    public async Task Parts_without_a_manifest_are_no_checkpoint()
    {
        await Checkpoints.WritePartsAsync(_store, 10, 2);
        Assert.Null(await _catalog.LatestAsync(Ct));
        Assert.Empty(await _catalog.ListAsync(Ct));
    }

    [Fact]
    public async Task A_commit_needs_every_part_as_it_was_reported()
    {
        var parts = await Checkpoints.WritePartsAsync(_store, 10, 2);
        var manifest = await Checkpoints.ManifestAsync(10, parts);
        await Refused(manifest with { Parts = [parts[0], parts[1] with { Bytes = parts[1].Bytes + 1 }] });
        File.Delete(_folder["checkpoints", "step-00000010", "part-1-of-2.safetensors"]);
        await Refused(manifest);
        Assert.Null(await _catalog.LatestAsync(Ct));
        Assert.False(File.Exists(_folder["checkpoints", "latest"]));

        async Task Refused(CheckpointManifest m)
        {
            var e = await Assert.ThrowsAsync<CheckpointException>(() => _catalog.CommitAsync(m, Ct));
            Assert.Contains("part-1-of-2.safetensors", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_tensor_in_two_parts_is_refused()
    {
        var tensors = Checkpoints.TensorsOf(1);
        var a = await CheckpointWriter.WritePartAsync(_store, 1, 0, 2, tensors, Ct);
        var b = await CheckpointWriter.WritePartAsync(_store, 1, 1, 2, tensors[..1], Ct);
        var manifest = await Checkpoints.ManifestAsync(1, [a, b]);
        var e = await Assert.ThrowsAsync<CheckpointException>(() => _catalog.CommitAsync(manifest, Ct));
        Assert.Contains(
            "'a.weight' is in 'part-0-of-2.safetensors' and in 'part-1-of-2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_state_may_be_committed_again_and_another_may_not()
    {
        var first = await Checkpoints.CommitAsync(_store, 5, 2);
        var again = await Checkpoints.WritePartsAsync(_store, 5, 2);
        Assert.Equal(first.Parts, again);
        var later = (await Checkpoints.ManifestAsync(5, again)) with { Generation = 9 };
        Assert.Equal(3, (await _catalog.CommitAsync(later, Ct)).Generation);
        Assert.Equal(3, (await _catalog.CommitAsync(later with { WeightsSha256 = null }, Ct)).Generation);

        // Other bits in a committed part, or another digest: two runs in one place.
        var e = await Assert.ThrowsAsync<CheckpointException>(
            () => CheckpointWriter.WritePartAsync(_store, 5, 0, 2, Checkpoints.TensorsOf(6), Ct));
        Assert.Contains("two different runs share this store", e.Message, StringComparison.Ordinal);
        e = await Assert.ThrowsAsync<CheckpointException>(() => _catalog.CommitAsync(later with { Digest = "0" }, Ct));
        Assert.Contains("two different runs share this store", e.Message, StringComparison.Ordinal);
        await _catalog.VerifyAsync(5, Ct);

        // Another number of workers makes other files of the same state.
        Assert.Equal(first.Parts, (await Checkpoints.CommitAsync(_store, 5, 3)).Parts);
    }

    [Fact]
    public async Task A_manifest_names_nothing_outside_its_folder()
    {
        var parts = await Checkpoints.WritePartsAsync(_store, 5, 1);
        var manifest = await Checkpoints.ManifestAsync(5, parts);
        var evil = manifest with { Parts = [parts[0] with { Name = "../../secret" }] };
        Assert.False(CheckpointJson.TryRead(CheckpointJson.Write(evil), out _, out var problem));
        Assert.Contains("../../secret", problem, StringComparison.Ordinal);
        var newer = manifest with { FormatVersion = 2 };
        Assert.False(CheckpointJson.TryRead(CheckpointJson.Write(newer), out _, out problem));
        Assert.Contains("a newer Colony", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flipped_bit_is_found_with_both_hashes_and_a_cure()
    {
        var committed = await Checkpoints.CommitAsync(_store, 5, 2);
        var path = _folder["checkpoints", "step-00000005", "part-1-of-2.safetensors"];
        var bytes = await File.ReadAllBytesAsync(path, Ct);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Ct);
        var found = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));

        var e = await Assert.ThrowsAsync<CheckpointException>(() => _catalog.VerifyAsync(5, Ct));
        Assert.Contains("checkpoints/step-00000005/part-1-of-2.safetensors", e.Message, StringComparison.Ordinal);
        Assert.Contains(committed.Parts[1].Sha256, e.Message, StringComparison.Ordinal);
        Assert.Contains(found, e.Message, StringComparison.Ordinal);
        Assert.Contains("resume from an older checkpoint", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        var reader = await _catalog.OpenAsync(5, Ct);
        Assert.Equal(
            e.Message, (await Assert.ThrowsAsync<CheckpointException>(() => reader.LoadAsync(_ => null, Ct))).Message);
    }

    [Fact]
    public async Task A_manifest_changed_in_any_byte_is_not_taken()
    {
        await Checkpoints.CommitAsync(_store, 5, 1);
        var path = _folder["checkpoints", "step-00000005", "manifest.json"];
        var whole = await File.ReadAllBytesAsync(path, Ct);
        Assert.True(CheckpointJson.TryRead(whole, out _, out _));
        for (var i = 0; i < whole.Length; i++)
        {
            var changed = (byte[])whole.Clone();
            changed[i] ^= 1;
            Assert.False(
                CheckpointJson.TryRead(changed, out _, out _), $"byte {i}: {Encoding.UTF8.GetString(changed)}");
        }
    }

    [Fact]
    public async Task Best_follows_the_highest_rsum_and_stays_on_a_tie()
    {
        foreach (var step in new[] { 1, 2, 3, 4 })
        {
            await Checkpoints.CommitAsync(_store, step, 1);
        }

        Assert.Null(await _catalog.BestAsync(Ct));
        Assert.True(await _catalog.MarkBestAsync(2, Checkpoints.Evaluation(300), Ct));
        Assert.False(await _catalog.MarkBestAsync(3, Checkpoints.Evaluation(300), Ct));
        Assert.False(await _catalog.MarkBestAsync(1, Checkpoints.Evaluation(200), Ct));
        Assert.Equal(2, (await _catalog.BestAsync(Ct))!.Step);
        Assert.True(await _catalog.MarkBestAsync(4, Checkpoints.Evaluation(301), Ct));
        Assert.Equal(4, (await _catalog.BestAsync(Ct))!.Step);
        Assert.False(await _catalog.MarkBestAsync(9, Checkpoints.Evaluation(999), Ct)); // not kept
        await Assert.ThrowsAsync<ArgumentException>(
            () => _catalog.MarkBestAsync(4, Checkpoints.Evaluation(double.NaN), Ct));
        Assert.Equal([200, 300, 300, 301], (await _catalog.ListAsync(Ct)).Select(e => e.Evaluation!.Rsum));

        // The pointer's checkpoint goes bad: the next best that is whole, the older on a tie.
        File.Delete(_folder["checkpoints", "step-00000004", "part-0-of-1.safetensors"]);
        Assert.Equal(2, (await _catalog.BestAsync(Ct))!.Step);
        Assert.Single(_notices);
    }
}
