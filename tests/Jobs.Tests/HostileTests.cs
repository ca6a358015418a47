using System.Text;

namespace Colony.Jobs.Tests;

public sealed class HostileTests
{
    private const int Rounds = 3000;

    private const string Good =
        "job: tiny\nseed: 3\ndata: {format: \"wo\\u0072ld\", sizes: [1, 2]}\n"
        + "model:\n  name: tern\n  image: {heads: 4}\n"
        + "objective: {name: hinge, margin: 1e-1}\ntrain: {epochs: 2}\nworkers: {count: 1}\n";

    [Fact]
    public void Random_bytes_give_errors_and_nothing_else()
    {
        var random = new Random(1);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            Survives(Encoding.Latin1.GetString(bytes));
        }
    }

    [Fact]
    public void Random_yaml_punctuation_gives_errors_and_nothing_else()
    {
        const string Alphabet = "[]{}:,-?&*!|>'\"%@`#~ \n\t\\abx01.\0\ud800é\u2028";
        var random = new Random(2);
        for (var round = 0; round < Rounds; round++)
        {
            Survives(new string(random.GetItems<char>(Alphabet, random.Next(80))));
        }
    }

    [Fact]
    public void A_good_job_with_damage_gives_errors_or_a_job()
    {
        var random = new Random(3);
        var jobs = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var text = new StringBuilder(Good);
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                var at = random.Next(text.Length);
                _ = random.Next(3) switch
                {
                    0 => text.Remove(at, Math.Min(random.Next(1, 5), text.Length - at)),
                    1 => text.Insert(at, (char)random.Next(1, 0x3000)),
                    _ => text.Insert(at, text.ToString(at, Math.Min(20, text.Length - at))),
                };
            }

            jobs += Survives(text.ToString()) ? 1 : 0;
        }

        Assert.InRange(jobs, 1, Rounds - 1);
    }

    [Fact]
    public void Hostile_override_values_give_errors_and_nothing_else()
    {
        var random = new Random(4);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            var set = new Override("train.epochs", Encoding.Latin1.GetString(bytes));
            var parse = JobFile.Parse(Good, "job.yaml", [set], TestVocabulary.Instance);
            Assert.Equal(parse.Job is null, parse.Errors.Count > 0);
        }
    }

    /// <summary>
    /// True when the text was a job; a job must come without errors, errors without a job, and each on one line.
    /// </summary>
    private static bool Survives(string text)
    {
        var parse = JobFile.Parse(text, "job.yaml", [], TestVocabulary.Instance);
        Assert.Equal(parse.Job is null, parse.Errors.Count > 0);
        Assert.All(parse.Errors, e => Assert.DoesNotContain('\n', e.ToString()));
        return parse.Job is not null;
    }
}
