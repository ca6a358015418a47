using Colony.Model;

namespace Colony.Cli.Presets;

/// <summary>How many parameters a model has; what its objective learns beside it is not among them.</summary>
/// <param name="Fixed">Whatever the vocabulary is.</param>
/// <param name="EachWord">For each word of the vocabulary, with padding and the other special ones; 0 where captions
/// are not words.</param>
internal readonly record struct ParameterCount(long Fixed, long EachWord)
{
    /// <summary>Counts models of a kind once: the papers train the same on several data sets.</summary>
    internal sealed class Counter
    {
        private readonly Dictionary<(object Options, ModelInputs Inputs), long> _counted = [];

        public ParameterCount Of(Preset preset)
        {
            (int few, int more) = (10, 11);
            long total = Count(preset, few);
            long each = Count(preset, more) - total;
            return new ParameterCount(total - (few * each), each);
        }

        // Built and thrown away: what a layer has is written in one place, its constructor.
        private long Count(Preset preset, int words)
        {
            (object Options, ModelInputs Inputs) kind = (preset.Job.Model.Options, preset.Inputs(words));
            if (!_counted.TryGetValue(kind, out long count))
            {
                using IEncoder encoder = preset.Model.Create(kind.Options, kind.Inputs);
                _counted[kind] = count = encoder.Module.parameters().Sum(p => p.numel());
            }

            return count;
        }
    }

    public override string ToString() => EachWord > 0
        ? FormattableString.Invariant($"{Fixed:N0} + {EachWord:N0} a word")
        : FormattableString.Invariant($"{Fixed:N0}");
}
