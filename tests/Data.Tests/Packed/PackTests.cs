using Colony.Storage;
using Colony.Testing;

namespace Colony.Data.Tests;

public sealed class PackTests : IDisposable
{
    private readonly PackedWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("<f2", false)]
    [InlineData("<f2", true)]
    [InlineData("<f4", true)]
    public async Task A_pack_gives_the_batches_of_its_source_to_the_bit(string descr, bool float32)
    {
        Assert.True(NpyTypes.TryParse(descr, out var type));
        var source = _world.Precomp(type);
        var packed = await _world.PackAsync(source, float32: float32);
        foreach (var split in new[] { "train", "dev" })
        {
            PackedWorld.AssertSame(source, packed, split);
            PackedWorld.AssertSame(source, _world.Streamed(packed), split);
        }
    }

    [Fact]
    public async Task A_load_that_is_not_wanted_any_more_does_not_begin()
    {
        using var data = Datasets.Open(_world.Streamed(await _world.PackAsync(_world.Precomp())), "train");
        using var given = new CancellationTokenSource();
        await given.CancelAsync();
        Assert.ThrowsAny<OperationCanceledException>(() => data.Load([0], given.Token));
        data.Load([0], TestContext.Current.CancellationToken).Dispose();
    }

    [Fact]
    public async Task Options_of_the_reader_work_on_a_pack_as_on_its_source()
    {
        var source = _world.Precomp();
        var packed = await _world.PackAsync(source);
        Func<DatasetOptions, DatasetOptions>[] changes =
        [
            o => o with { ImageClsRow = true, NormalizeImages = true },
            o => o with { Boxes = "" },
            o => o with { MaxImages = 6, MaxWords = 3 },
            o => o with { VocabularyFromDev = false, MinWordCount = 2 },
        ];
        foreach (var change in changes)
        {
            PackedWorld.AssertSame(change(source), change(packed), "train");
        }
    }

    [Fact]
    public async Task Images_of_different_regions_and_token_features_keep_their_lengths()
    {
        var source = _world.PerSample();
        var packed = await _world.PackAsync(source, perShard: 3, float32: true, splits: "train");
        PackedWorld.AssertSame(source, packed, "train");
        PackedWorld.AssertSame(source with { MaxWords = 0 }, _world.Streamed(packed) with { MaxWords = 0 }, "train");
    }

    [Theory]
    [InlineData("tokens")]
    [InlineData("raw")]
    public async Task Captions_of_karpathys_file_travel_as_the_job_took_them(string captionText)
    {
        var source = _world.Karpathy() with { CaptionText = captionText };
        var packed = await _world.PackAsync(source, perShard: 1, splits: ["train", "dev"]);
        PackedWorld.AssertSame(source, packed, "train");
        PackedWorld.AssertSame(source, _world.Streamed(packed), "dev");
    }

    [Fact]
    public async Task Captions_of_a_token_file_travel_with_images_of_different_regions()
    {
        var source = _world.Tokens();
        var packed = await _world.PackAsync(source, splits: "train");
        PackedWorld.AssertSame(source, packed, "train");
        PackedWorld.AssertSame(source, _world.Streamed(packed), "train");
    }

    [Fact]
    public async Task Rounding_to_float16_is_to_the_nearest_half()
    {
        var source = _world.PerSample();
        var packed = await _world.PackAsync(source, splits: "train");
        using var one = Datasets.Open(source, "train");
        using var other = Datasets.Open(packed, "train");
        using var exact = one.LoadImages([2], TestContext.Current.CancellationToken);
        using var rounded = other.LoadImages([2], TestContext.Current.CancellationToken);
        Assert.Equal(
            exact["features"].data<float>().ToArray().Select(v => (float)(Half)v),
            rounded["features"].data<Half>().ToArray().Select(v => (float)v));
        Assert.Equal(exact["boxes"].data<float>().ToArray(), rounded["boxes"].data<float>().ToArray());
    }

    [Fact]
    public async Task Vectors_and_word_pieces_travel_with_the_pack()
    {
        var source = _world.Precomp() with { Text = "vectors", Vectors = "glove.npy", VectorWords = "glove.txt" };
        _world.Folder.WriteNpy("source/glove.npy", NpyType.Float32, [3, 2], [1, 2, 3, 4, 5, 6]);
        _world.Folder.Write("source/glove.txt", "dog\nsees\ncats\n");
        var packed = await _world.PackAsync(source);
        PackedWorld.AssertSame(source, packed, "train");
        PackedWorld.AssertSame(source, _world.Streamed(packed), "train");

        // Another name is another file, beside the job.
        var other = packed with { Vectors = _world.Folder.File("source", "more.npy") };
        Assert.Contains(
            "more.npy", Assert.Throws<DataException>(() => Datasets.Open(other, "train").Dispose()).Message,
            StringComparison.Ordinal);

        _world.Folder.Write("source/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\ndog\nsees\ncats\n");
        var bert = source with { Text = "bert", WordPieces = "vocab.txt" };
        PackedWorld.AssertSame(bert, await _world.PackAsync(bert, force: true), "dev");
    }

    [Fact]
    public async Task The_same_source_gives_the_same_bytes_and_every_byte_is_accounted_for()
    {
        var source = _world.Precomp();
        await _world.PackAsync(source);
        var first = Contents();
        await _world.PackAsync(source, force: true);
        Assert.Equal(first, Contents());
        Assert.DoesNotContain(first.Keys, name => name.Contains(PackPlace.MarkerKey, StringComparison.Ordinal));
        using var store = ObjectStores.Open(_world.PackPath, new ObjectStoreOptions());
        var whole = await DataPack.VerifyAsync(store, null, TestContext.Current.CancellationToken);
        Assert.Equal((3, 19L, 38L, 5), (whole.Splits, whole.Images, whole.Captions, whole.Shards));
    }

    [Fact]
    public async Task A_finished_pack_and_anything_else_are_not_written_over_unless_forced()
    {
        var source = _world.Precomp();
        await _world.PackAsync(source);
        var finished = await Assert.ThrowsAsync<DataException>(() => _world.PackAsync(source));
        Assert.Contains("holds a finished pack", finished.Message, StringComparison.Ordinal);

        // Unfinished, of the same source: written again. Of another: refused.
        File.Delete(Path.Combine(_world.PackPath, PackIndex.Key));
        var stranger = await Assert.ThrowsAsync<DataException>(() => _world.PackAsync(source));
        Assert.Contains("no unfinished pack of this source", stranger.Message, StringComparison.Ordinal);
        await _world.PackAsync(source, perShard: 2, force: true);
        Assert.Equal(6, Contents().Keys.Count(name => name.StartsWith("train-0", StringComparison.Ordinal)));

        // Forced over a finished pack: what the new one has no use for goes.
        await _world.PackAsync(source, perShard: 6, force: true);
        Assert.Equal(2, Contents().Keys.Count(name => name.StartsWith("train-0", StringComparison.Ordinal)));
        PackedWorld.AssertSame(source, source with { Format = "packed", Path = _world.PackPath }, "train");
    }

    [Fact]
    public async Task A_pack_that_was_broken_off_is_taken_up_by_the_same_source_alone()
    {
        var source = _world.Precomp();
        var image = new FileInfo(_world.Folder.File("source", "dev_ims.npy"));
        var moved = image.FullName + ".away";
        image.MoveTo(moved);
        await Assert.ThrowsAsync<DataException>(() => _world.PackAsync(source));
        Assert.False(File.Exists(Path.Combine(_world.PackPath, PackIndex.Key)));
        File.Move(moved, _world.Folder.File("source", "dev_ims.npy"));
        await Assert.ThrowsAsync<DataException>(() => _world.PackAsync(source, perShard: 5));
        var packed = await _world.PackAsync(source);
        PackedWorld.AssertSame(source, packed, "dev");
    }

    [Fact]
    public async Task A_value_beyond_float16_is_named_with_its_image_and_the_cure()
    {
        var source = _world.PerSample();
        _world.Folder.WriteNpy("each/att/3.npy", NpyType.Float32, [1, PackedWorld.Dim], [0, 1, 70000, 0, 0]);
        var error = await Assert.ThrowsAsync<DataException>(() => _world.PackAsync(source, splits: "train"));
        Assert.Contains("image 3 holds 70000 at value 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("--type float32", error.Message, StringComparison.Ordinal);
        var packed = await _world.PackAsync(source, float32: true, force: true, splits: "train");
        PackedWorld.AssertSame(source, packed, "train");
    }

    [Fact]
    public async Task Python_reads_a_shard_with_its_own_library_alone()
    {
        var source = _world.Precomp();
        await _world.PackAsync(source);
        var python = Tools.Find("python3", "install python3");
        const string Script = """
            import json, struct, sys
            raw = open(sys.argv[1], 'rb').read()
            n, = struct.unpack('<Q', raw[:8])
            head = json.loads(raw[8:8 + n])
            b, e = head['features']['data_offsets']
            data = raw[8 + n + b:8 + n + e]
            print(head['features']['dtype'], head['features']['shape'], struct.unpack('<15e', data[:30])[:3])
            """;
        var (code, said) = await ServerProcess.RunAsync(
            python, ["-c", Script, Path.Combine(_world.PackPath, "dev-00000.safetensors")], null,
            TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(0, code);
        using var data = Datasets.Open(source, "dev");
        using var batch = data.LoadImages([0], TestContext.Current.CancellationToken);
        var values = batch["features"].data<float>()[..3].ToArray();
        Assert.Equal(FormattableString.Invariant($"F16 [12, 5] ({values[0]}, {values[1]}, {values[2]})"), said.Trim());
    }

    [Fact]
    public async Task Many_threads_load_from_a_cache_that_holds_two_shards()
    {
        var source = _world.Precomp();
        var packed = await _world.PackAsync(source, perShard: 1);
        var shard = new FileInfo(Path.Combine(_world.PackPath, "train-00000.safetensors")).Length;
        var captions = new FileInfo(Path.Combine(_world.PackPath, "train-captions.jsonl")).Length;
        var streamed = _world.Streamed(packed, (2 * shard) + captions);
        using var one = Datasets.Open(source, "train");
        using var other = Datasets.Open(streamed, "train");
        await Parallel.ForAsync(0, 8, TestContext.Current.CancellationToken, (seed, _) =>
        {
            int[] samples = [.. Enumerable.Range(0, 20).Select(i => ((i * 7) + (seed * 3)) % one.Samples)];
            other.Expect(samples);
            using var expected = one.Load(samples, TestContext.Current.CancellationToken);
            using var stored = other.Load(samples, TestContext.Current.CancellationToken);
            using var loaded = stored.To(default);
            Assert.True(expected["features"].bytes().Span.SequenceEqual(loaded["features"].bytes().Span));
            return ValueTask.CompletedTask;
        });
        var held = new DirectoryInfo(_world.Folder.File("cache")).EnumerateFiles().Sum(f => f.Length);
        Assert.InRange(held, shard, (2 * shard) + captions);
    }

    private Dictionary<string, string> Contents()
        => Directory.EnumerateFiles(_world.PackPath, "*", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetRelativePath(_world.PackPath, file),
            file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))),
            StringComparer.Ordinal);
}

public sealed class HalfSearchTests
{
    [Fact]
    public void Every_half_that_is_no_number_is_found_at_every_place_and_no_other_is()
    {
        var (halves, copy) = (new ushort[37], new ushort[37]);
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var place = bits % halves.Length;
            halves[place] = (ushort)bits;
            var finite = Half.IsFinite(BitConverter.UInt16BitsToHalf((ushort)bits));
            Assert.Equal(finite ? -1 : place, NpyConvert.IndexOfNonFinite(halves));
            Assert.Equal(finite ? -1 : place, NpyConvert.CopyFinite(halves, copy));
            Assert.Equal(halves, copy);
            halves[place] = 0;
        }
    }
}
