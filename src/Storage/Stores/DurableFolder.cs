using System.Runtime.InteropServices;

namespace Colony.Storage;

/// <summary>
/// Makes changes of a folder's entries durable. A rename lives in the folder, not in the file, so flushing the file
/// alone may lose it (fsync(2)); .NET has no call for folders. Windows journals them by itself.
/// </summary>
internal static partial class DurableFolder
{
    private const int ReadOnlyDirectory = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC on x64 Linux
    private const int ReadOnlyDirectoryArm = 0x4000 | 0x80000;

    /// <summary>Creates a folder with its parents, each durable.</summary>
    public static void Create(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var parent = Path.GetDirectoryName(folder);
        if (parent is not null)
        {
            Create(parent);
        }

        Directory.CreateDirectory(folder);
        if (parent is not null)
        {
            Flush(parent);
        }
    }

    /// <summary>Makes the folder's entries durable.</summary>
    public static void Flush(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var flags = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm
            ? ReadOnlyDirectoryArm
            : ReadOnlyDirectory;
        var descriptor = Open(folder, flags);
        if (descriptor < 0)
        {
            return; // a folder that may be written but not read cannot be flushed; the rename itself has happened
        }

        var result = Flush(descriptor);
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (result != 0 && error is not (InvalidArgument or NotSupported))
        {
            throw new IOException($"flushing the folder failed (errno {error})", error);
        }
    }

    private const int InvalidArgument = 22; // EINVAL: the file system has no such operation
    private const int NotSupported = 95; // EOPNOTSUPP

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
