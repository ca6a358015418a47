using FsCheck;
using FsCheck.Fluent;

namespace Colony.Orchestration.Tests;

public sealed class StepDigestsTests
{
    private static readonly Gen<(int Worker, int Digest)> Words =
        from worker in Gen.Choose(0, 4)
        from digest in Gen.Choose(-1, 2)
        select (worker, digest);

    // A digest of -1 takes the worker's word back.
    [Fact]
    public void Agree_IsWhatTheWordsThatAreLeftSay() => Prop.ForAll(
        Arb.From(Words.ArrayOf()),
        words =>
        {
            var told = new Dictionary<string, ulong>(StringComparer.Ordinal);
            StepDigests digests = StepDigests.None;
            foreach ((int number, int digest) in words)
            {
                string worker = $"w{number}";
                if (digest < 0)
                {
                    told.Remove(worker);
                    digests = digests.Without(worker);
                }
                else
                {
                    told[worker] = (ulong)digest;
                    digests = digests.With(worker, (ulong)digest);
                }

                Assert.Equal(told.OrderBy(d => d.Key, StringComparer.Ordinal), digests.Told);
                Assert.Equal(told.Values.Distinct().Count() <= 1, digests.Agree);
            }
        }).QuickCheckThrowOnFailure();
}
