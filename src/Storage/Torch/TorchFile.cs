namespace Colony.Storage;

/// <summary>
/// The tensors of a file that PyTorch's <c>torch.save</c> wrote (<c>pytorch_model.bin</c>, <c>.pt</c>, <c>.pth</c>; zip
/// container, PyTorch 1.6 and later). The pickle in it is read, never run: dictionaries, lists and tensors, nothing
/// else. Tensors are in the mapped file, except strided views, which are copied; all copies together are no larger than
/// the file.
/// </summary>
public sealed class TorchFile : IDisposable
{
    private readonly MappedFile _file;

    private TorchFile(MappedFile file, IReadOnlyList<TensorData> tensors) => (_file, Tensors) = (file, tensors);

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>
    /// The tensors in the order of the file. A name is the path to it: keys and places in lists, joined by dots, as in
    /// <c>model.0.fc.weight</c>. Their bytes are valid until this is disposed.
    /// </summary>
    public IReadOnlyList<TensorData> Tensors { get; }

    /// <summary>Opens a file and checks all of it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="TorchFileException">It is damaged, hostile, compressed, or from before PyTorch 1.6.</exception>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public static TorchFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = MappedFile.Open(path);
        try
        {
            CheckBeginning(file);
            var archive = new TorchArchive(file);
            var root = PickleReader.Read(archive.Pickle.Span, path);
            return new TorchFile(file, new TorchTensors(archive, path).Of(root));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static void CheckBeginning(MappedFile file)
    {
        const int Wanted = 16;
        if (file.Length == 0)
        {
            throw new StorageException($"'{file.Path}' is empty: fetch it again.");
        }

        var start = file.Memory(0, (int)Math.Min(Wanted, file.Length)).Span;
        if (start.StartsWith("PK\x03\x04"u8))
        {
            return;
        }

        throw new TorchFileException(
            file.Path,
            start[0] is 0x80
                ? "it is a bare pickle, as PyTorch before 1.6 wrote them; load it there and save it again with "
                    + "torch.save of 1.6 or later, or as safetensors"
                : "it is no zip file; fetch it again, or name a file that torch.save wrote");
    }
}
