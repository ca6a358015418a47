using Colony.Actors.Simulation;

namespace Colony.Actors.Tests;

public sealed class DiskTests
{
    [Fact]
    public void A_crash_keeps_what_was_flushed_and_a_first_part_of_the_rest()
    {
        var kept = new HashSet<int>();
        for (ulong seed = 0; seed < 200; seed++)
        {
            var node = new SimulatedScheduler(seed).AddNode("n");
            node.Disk.Append("journal", [1, 2, 3]);
            node.Disk.Flush("journal");
            node.Disk.Append("journal", [4, 5, 6, 7]);
            Assert.Equal(7, node.Disk.Read("journal").Length);
            node.Crash();
            var left = node.Disk.Read("journal");

            Assert.Equal(new byte[] { 1, 2, 3, 4, 5, 6, 7 }[..left.Length], left);
            Assert.Equal(7 - left.Length, node.Disk.LostBytes);
            kept.Add(left.Length);
        }

        Assert.Equal([3, 4, 5, 6, 7], kept.Order());
    }

    [Fact]
    public void A_power_loss_may_leave_garbage_but_only_of_what_was_not_flushed()
    {
        var (garbage, torn) = (0, 0);
        for (ulong seed = 0; seed < 200; seed++)
        {
            var node = new SimulatedScheduler(seed).AddNode("n");
            node.Disk.Append("journal", [1, 2, 3]);
            node.Disk.Flush("journal");
            node.Disk.Append("journal", [4, 5, 6, 7]);
            node.Crash(tearWrites: true);
            var left = node.Disk.Read("journal");

            Assert.Equal([1, 2, 3], left[..3]);
            var written = new byte[] { 1, 2, 3, 4, 5, 6, 7 }[..left.Length];
            garbage += left.AsSpan().SequenceEqual(written) ? 0 : 1;
            torn += node.Disk.TornFiles;
        }

        Assert.InRange(garbage, 60, 190);
        Assert.InRange(torn, garbage, 200);
    }

    [Fact]
    public void A_full_disk_writes_short_and_keeps_the_old_file_on_replacement()
    {
        var disk = new SimulatedScheduler(1).AddNode("n").Disk;
        disk.Replace("manifest", [1]);
        disk.IsFull = true;
        Assert.Throws<IOException>(() => disk.Replace("manifest", [2]));
        Assert.Throws<IOException>(() => disk.Append("journal", [1, 2, 3, 4]));

        Assert.Equal([1], disk.Read("manifest"));
        Assert.Equal([1, 2], disk.Read("journal"));
    }
}
