namespace Colony.Storage.Tests;

public sealed class DirectoryStoreTests : ObjectStoreContract
{
    private protected override Task<IObjectStore> OpenAsync() =>
        Task.FromResult(ObjectStores.Open(Folder["store"], new ObjectStoreOptions()));

    [Fact]
    public async Task Readers_see_the_old_object_or_the_new_one_while_it_is_replaced()
    {
        byte[][] contents = [.. Enumerable.Range(0, 2).Select(i => Enumerable.Repeat((byte)i, 100_000 + i).ToArray())];
        await Store.PutAsync("x", contents[0].AsMemory(), Ct);
        using var done = new CancellationTokenSource();
        var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reader = Task.Run(
            async () =>
            {
                var reads = 0;
                do
                {
                    var read = await Store.ReadAllAsync("x", 200_000, Ct);
                    Assert.Equal(contents[read[0]], read);
                    reads++;
                    reading.TrySetResult();
                }
                while (!done.IsCancellationRequested);
                return reads;
            },
            Ct);
        await reading.Task;
        for (var i = 1; i < 50; i++)
        {
            await Store.PutAsync("x", contents[i % 2].AsMemory(), Ct);
        }

        await done.CancelAsync();
        Assert.True(await reader > 0);
    }

    [Fact]
    public async Task Puts_and_deletes_of_neighbours_do_not_disturb_each_other()
    {
        // A delete removes the folder it empties; a put into it at that moment must still succeed.
        var workers = Enumerable.Range(0, 4).Select(worker => Task.Run(
            async () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    await Store.PutAsync($"f/g/{worker}", Text("x"), Ct);
                    await Store.DeleteAsync($"f/g/{worker}", Ct);
                }
            },
            Ct));
        await Task.WhenAll(workers);
        Assert.Empty(await List(""));
    }

    [Fact]
    public async Task What_a_killed_process_left_is_invisible_and_swept()
    {
        await Store.PutAsync("a/b", Text("x"), Ct);
        var leftover = Folder["store", "a", ".tmp-1234"];
        await File.WriteAllTextAsync(leftover, "half", Ct);
        Assert.Equal(["a/b"], (await List("")).Select(o => o.Key));
        await Store.DeleteLeftoversAsync("a/", Ct);
        Assert.False(File.Exists(leftover));
        Assert.True(await Store.ExistsAsync("a/b", Ct));
    }

    [Fact]
    public async Task The_last_object_takes_its_folders_with_it_but_not_the_store()
    {
        await Store.PutAsync("a/b/c", Text("x"), Ct);
        await Store.DeleteAsync("a/b/c", Ct);
        Assert.Empty(Directory.GetFileSystemEntries(Folder["store"]));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_one_is_told_with_its_cure()
    {
        await File.WriteAllTextAsync(Folder["file"], "", Ct);
        using var store = ObjectStores.Open(Folder["file"], new ObjectStoreOptions());
        var e = await Assert.ThrowsAsync<StorageException>(() => store.PutAsync("a/b", Text("x"), Ct));
        Assert.Contains(Folder["file"], e.Message, StringComparison.Ordinal);
        Assert.Contains("is a file, not a folder; choose another directory", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task An_unwritable_directory_is_told_with_its_cure()
    {
        if (Environment.IsPrivilegedProcess)
        {
            // Root may write anywhere but into the kernel's own folders.
            using var kernel = ObjectStores.Open("/proc/colony", new ObjectStoreOptions());
            var told = await Assert.ThrowsAsync<StorageException>(() => kernel.PutAsync("b", Text("x"), Ct));
            Assert.Contains("cannot write '/proc/colony/b'", told.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', told.Message);
            return;
        }

        Directory.CreateDirectory(Folder["sealed"]);
        File.SetUnixFileMode(Folder["sealed"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var store = ObjectStores.Open(Folder["sealed"], new ObjectStoreOptions());
        var e = await Assert.ThrowsAsync<StorageException>(() => store.PutAsync("b", Text("x"), Ct));
        Assert.Contains("permission denied", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_where_a_folder_is_gets_a_line_too()
    {
        await Store.PutAsync("a/b", Text("x"), Ct);
        var e = await Assert.ThrowsAsync<StorageException>(() => Store.PutAsync("a", Text("x"), Ct));
        Assert.Contains("it is a folder", e.Message, StringComparison.Ordinal);
        Assert.Equal(["a/b"], (await List("")).Select(o => o.Key));
    }
}
