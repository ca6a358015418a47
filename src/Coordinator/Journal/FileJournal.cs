using System.Text;
using Colony.Orchestration;
using Google.Protobuf;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>
/// A journal as a file in a directory, owned by one process at a time. An entry is written whole before
/// <see cref="Append"/> returns; forced ones are on the disk by then.
/// </summary>
/// <remarks>
/// A kill of the process loses nothing, a power failure at most entries after the last forced one. A torn last entry is
/// cut off when the journal is opened; damage before the end is refused, never read over. Not thread-safe.
/// </remarks>
internal sealed class FileJournal : IDisposable
{
    /// <summary>Bytes after which the entries are replaced by what they come to.</summary>
    private const long CompactAfterBytes = 4 << 20;

    /// <summary>
    /// How far the file grows beyond what the last compaction left: where that is more than the limit already, every
    /// entry would cost another one.
    /// </summary>
    private const int GrowthBeforeCompacting = 2;

    private const string FileName = "journal";
    private const string LockName = "journal.lock";
    private const string NewName = "journal.new";
    private static readonly byte[] Magic = "COLONYJ1"u8.ToArray();

    private readonly string _directory;
    private readonly FileStream _lock;
    private readonly long _compactAfter;
    private FileStream _file;
    private long _compacted;

    private FileJournal(
        string directory, FileStream held, FileStream file, JournalState state, long cut, long compactAfter)
    {
        (_directory, _lock, _file, _compactAfter) = (directory, held, file, compactAfter);
        State = state;
        CutBytes = cut;
    }

    /// <summary>What the journal says.</summary>
    public JournalState State { get; private set; }

    /// <summary>Bytes of a torn entry that were cut off at the end when it was opened.</summary>
    public long CutBytes { get; }

    private string PathOfFile => Path.Combine(_directory, FileName);

    /// <summary>Opens the journal of a directory, which is made when it is not there.</summary>
    /// <param name="directory">Where the journal lies.</param>
    /// <param name="jobHash">Of the job; a journal of another one is refused.</param>
    /// <param name="compactAfter">Bytes after which the file is compacted.</param>
    /// <exception cref="JournalException">Another process holds it, it is of another job, it is damaged, or the
    /// directory cannot be written.</exception>
    public static FileJournal Open(string directory, string jobHash, long compactAfter = CompactAfterBytes)
    {
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(directory);
            held = Hold(directory);
            string path = Path.Combine(directory, FileName);
            byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
            byte[] header = [.. Magic, .. JournalFrames.Frame(Encoding.UTF8.GetBytes(jobHash))];
            (JournalState state, int whole) = bytes.Length < header.Length && header.AsSpan().StartsWith(bytes)
                ? (JournalState.Empty, 0)
                : Read(path, bytes, jobHash);
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, 0);
            file.SetLength(whole);
            file.Seek(0, SeekOrigin.End);
            if (whole == 0)
            {
                file.Write(header);
            }

            file.Flush(flushToDisk: true);
            var journal = new FileJournal(directory, held, file, state, bytes.Length - whole, compactAfter);
            held = null;
            return journal;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new JournalException(
                $"{directory}: the journal cannot be opened ({failure.Message}); "
                + "choose a directory that can be written",
                failure);
        }
        finally
        {
            held?.Dispose();
        }
    }

    /// <summary>Keeps an entry.</summary>
    /// <exception cref="JournalException">The disk is full or gone; the coordinator must end, since it cannot promise
    /// anything any more.</exception>
    public void Append(JournalEntry entry)
    {
        State = State.Apply(entry);
        try
        {
            _file.Write(JournalFrames.Frame(JournalMapping.ToProto(entry).ToByteArray()));
            if (entry.Forced)
            {
                _file.Flush(flushToDisk: true);
            }

            if (_file.Length > Math.Max(_compactAfter, GrowthBeforeCompacting * _compacted))
            {
                Compact();
            }
        }
        catch (IOException failure)
        {
            throw new JournalException(
                $"{PathOfFile}: cannot be written ({failure.Message}); free space on the disk and start again",
                failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _lock.Dispose();
    }

    // The old file stays what it is until the new one is whole and on the disk.
    private void Compact()
    {
        byte[] header = new byte[Magic.Length];
        using (var old = new FileStream(PathOfFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            old.ReadExactly(header);
            byte[] length = new byte[JournalFrames.HeaderBytes];
            old.ReadExactly(length);
            byte[] hash = new byte[BitConverter.ToInt32(length)];
            old.ReadExactly(hash);
            header = [.. header, .. length, .. hash];
        }

        string fresh = Path.Combine(_directory, NewName);
        var file = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.Read, 0);
        file.Write(header);
        file.Write(JournalFrames.Frame(JournalMapping.ToProto(new JournalCompacted(State)).ToByteArray()));
        file.Flush(flushToDisk: true);
        File.Move(fresh, PathOfFile, overwrite: true);
        _file.Dispose();
        _file = file;
        _compacted = file.Length;
    }

    // The lock goes with the process that holds it, however it ends.
    private static FileStream Hold(string directory)
    {
        string path = Path.Combine(directory, LockName);
        try
        {
            var held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            held.SetLength(0);
            held.Write(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{Environment.ProcessId}\n")));
            held.Flush();
            return held;
        }
        catch (IOException failure)
        {
            throw new JournalException(
                $"{path}: another coordinator holds this journal; stop it first, or choose another directory", failure);
        }
    }

    private static (JournalState State, int Whole) Read(string path, byte[] bytes, string jobHash)
    {
        if (!bytes.AsSpan().StartsWith(Magic)
            || !JournalFrames.TryRead(bytes, Magic.Length, out ReadOnlySpan<byte> hash))
        {
            throw new JournalException($"{path}: is no journal of a coordinator; move it away");
        }

        if (Encoding.UTF8.GetString(hash) != jobHash)
        {
            throw new JournalException(
                $"{path}: is the journal of another job; go on with the job file that it was begun with, "
                + "or choose another directory");
        }

        JournalState state = JournalState.Empty;
        int at = Magic.Length + JournalFrames.HeaderBytes + hash.Length;
        while (JournalFrames.TryRead(bytes, at, out ReadOnlySpan<byte> payload))
        {
            try
            {
                state = state.Apply(
                    JournalMapping.FromProto(Proto.JournalRecord.Parser.ParseFrom(payload), state.Geometry));
            }
            catch (Exception failure) when (failure
                is InvalidProtocolBufferException or FormatException or OverflowException or InvalidOperationException)
            {
                throw Damaged(path, at, failure);
            }

            at += JournalFrames.HeaderBytes + payload.Length;
        }

        return IsTornTail(bytes, at) ? (state, at) : throw Damaged(path, at, null);
    }

    // Only the last write can be torn: if a whole frame follows anywhere behind, this is damage.
    private static bool IsTornTail(byte[] bytes, int at)
    {
        for (int next = at + 1; next <= bytes.Length - JournalFrames.HeaderBytes; next++)
        {
            if (JournalFrames.TryRead(bytes, next, out ReadOnlySpan<byte> payload) && payload.Length > 0)
            {
                return false;
            }
        }

        return true;
    }

    private static JournalException Damaged(string path, int at, Exception? cause) => new(
        $"{path}: is damaged at byte {at}; move it away and start again with --resume, which goes on from the newest "
        + "checkpoint",
        cause ?? new InvalidDataException("wrong checksum"));
}
