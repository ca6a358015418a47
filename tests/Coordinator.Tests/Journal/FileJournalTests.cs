using Colony.Orchestration;
using Colony.Testing;

namespace Colony.Coordinator.Tests;

/// <summary>The journal on a real disk: what was kept is found again, wherever the writing stopped.</summary>
public sealed class FileJournalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder["journal"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_kept_is_found_again()
    {
        IReadOnlyList<JournalEntry> entries = JournalHistory.Of(seed: 1, steps: 60);
        Write(entries);
        using FileJournal journal = FileJournal.Open(_folder.Path, JournalHistory.Hash);
        Assert.Equal(JournalHistory.Text(Fold(entries)), JournalHistory.Text(journal.State));
        Assert.Equal(0, journal.CutBytes);
    }

    [Fact]
    public void Cut_at_any_byte_the_whole_entries_before_it_remain()
    {
        IReadOnlyList<JournalEntry> entries = JournalHistory.Of(seed: 2, steps: 12);
        var ends = new List<long>();
        using (FileJournal journal = FileJournal.Open(_folder.Path, JournalHistory.Hash))
        {
            ends.Add(new FileInfo(File).Length);
            foreach (JournalEntry entry in entries)
            {
                journal.Append(entry);
                ends.Add(new FileInfo(File).Length);
            }
        }

        byte[] whole = System.IO.File.ReadAllBytes(File);
        Assert.Equal(whole.Length, ends[^1]);
        for (int length = 0; length <= whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            int remain = Math.Max(0, ends.FindLastIndex(end => end <= length));
            using (FileJournal cut = FileJournal.Open(_folder.Path, JournalHistory.Hash))
            {
                Assert.Equal(JournalHistory.Text(Fold(entries.Take(remain))), JournalHistory.Text(cut.State));
                if (remain < entries.Count)
                {
                    cut.Append(entries[remain]); // and it goes on from there
                }
            }

            using FileJournal again = FileJournal.Open(_folder.Path, JournalHistory.Hash);
            Assert.Equal(JournalHistory.Text(Fold(entries.Take(remain + 1))), JournalHistory.Text(again.State));
        }
    }

    [Fact]
    public void A_flipped_bit_before_the_end_is_refused_and_in_the_last_entry_cut_off()
    {
        IReadOnlyList<JournalEntry> entries = JournalHistory.Of(seed: 3, steps: 6);
        Write(entries.Take(entries.Count - 1));
        long last = new FileInfo(File).Length;
        Write(entries.Skip(entries.Count - 1));
        byte[] whole = System.IO.File.ReadAllBytes(File);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            System.IO.File.WriteAllBytes(File, damaged);
            if (at < last)
            {
                JournalException refused = Assert.Throws<JournalException>(
                    () => FileJournal.Open(_folder.Path, JournalHistory.Hash));
                Assert.Contains(File, refused.Message, StringComparison.Ordinal);
            }
            else
            {
                using FileJournal cut = FileJournal.Open(_folder.Path, JournalHistory.Hash);
                Assert.Equal(
                    JournalHistory.Text(Fold(entries.Take(entries.Count - 1))), JournalHistory.Text(cut.State));
                Assert.Equal(whole.Length - last, cut.CutBytes);
            }
        }
    }

    [Fact]
    public void A_long_journal_is_compacted_and_says_the_same()
    {
        const long Limit = 8192; // more than twice what the state comes to at the end
        IReadOnlyList<JournalEntry> entries = JournalHistory.Of(seed: 4, steps: 500);
        long longest = 0;
        int compactions = 0;
        using (FileJournal journal = FileJournal.Open(_folder.Path, JournalHistory.Hash, Limit))
        {
            foreach (JournalEntry entry in entries)
            {
                long before = new FileInfo(File).Length;
                journal.Append(entry);
                long after = new FileInfo(File).Length;
                longest = Math.Max(longest, after);
                compactions += after < before ? 1 : 0;
            }
        }

        Assert.True(compactions > 1, $"{compactions} compactions");
        Assert.InRange(longest, 1, Limit);
        using FileJournal again = FileJournal.Open(_folder.Path, JournalHistory.Hash);
        Assert.Equal(JournalHistory.Text(Fold(entries)), JournalHistory.Text(again.State));
        again.Append(new GenerationAnnounced(1_000_000));
    }

    [Fact]
    public void A_state_beyond_the_limit_is_not_written_again_with_every_entry()
    {
        IReadOnlyList<JournalEntry> entries = JournalHistory.Of(seed: 4, steps: 400);
        int compactions = 0;
        using (FileJournal journal = FileJournal.Open(_folder.Path, JournalHistory.Hash, compactAfter: 1))
        {
            foreach (JournalEntry entry in entries)
            {
                long before = new FileInfo(File).Length;
                journal.Append(entry);
                compactions += new FileInfo(File).Length < before ? 1 : 0;
            }
        }

        Assert.InRange(compactions, 2, entries.Count / 4);
        using FileJournal again = FileJournal.Open(_folder.Path, JournalHistory.Hash);
        Assert.Equal(JournalHistory.Text(Fold(entries)), JournalHistory.Text(again.State));
    }

    [Fact]
    public void A_second_coordinator_is_refused_until_the_first_is_gone()
    {
        using (FileJournal.Open(_folder.Path, JournalHistory.Hash))
        {
            JournalException refused = Assert.Throws<JournalException>(
                () => FileJournal.Open(_folder.Path, JournalHistory.Hash));
            Assert.Contains("another coordinator holds", refused.Message, StringComparison.Ordinal);
        }

        FileJournal.Open(_folder.Path, JournalHistory.Hash).Dispose();
    }

    [Fact]
    public void The_journal_of_another_job_and_a_file_that_is_none_are_refused_and_left_as_they_are()
    {
        Write(JournalHistory.Of(seed: 5, steps: 3));
        byte[] before = System.IO.File.ReadAllBytes(File);
        Assert.Contains(
            "another job",
            Assert.Throws<JournalException>(() => FileJournal.Open(_folder.Path, "other")).Message,
            StringComparison.Ordinal);
        Assert.Equal(before, System.IO.File.ReadAllBytes(File));
        System.IO.File.WriteAllText(File, "something else altogether");
        Assert.Contains(
            "is no journal",
            Assert.Throws<JournalException>(() => FileJournal.Open(_folder.Path, JournalHistory.Hash)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_named()
    {
        System.IO.File.WriteAllText(_folder["file"], string.Empty);
        string directory = Path.Combine(_folder["file"], "journal");
        Assert.Contains(
            directory,
            Assert.Throws<JournalException>(() => FileJournal.Open(directory, JournalHistory.Hash)).Message,
            StringComparison.Ordinal);
    }

    private JournalState Write(IEnumerable<JournalEntry> entries)
    {
        using FileJournal journal = FileJournal.Open(_folder.Path, JournalHistory.Hash);
        foreach (JournalEntry entry in entries)
        {
            journal.Append(entry);
        }

        return journal.State;
    }

    private static JournalState Fold(IEnumerable<JournalEntry> entries) =>
        entries.Aggregate(JournalState.Empty, (state, entry) => state.Apply(entry));
}
