using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>
/// An immutable set of sample ids in pages of bits: adding a batch copies only the pages that it touches,
/// so keeping the account of an earlier step costs next to nothing.
/// </summary>
public sealed class SampleSet
{
    private const int WordsPerPage = 16;
    private const int SamplesPerPage = WordsPerPage * 64;

    private readonly ImmutableDictionary<int, ImmutableArray<ulong>> _pages;

    private SampleSet(ImmutableDictionary<int, ImmutableArray<ulong>> pages, long count)
    {
        _pages = pages;
        Count = count;
    }

    /// <summary>The set without any sample.</summary>
    public static SampleSet Empty { get; } = new(ImmutableDictionary<int, ImmutableArray<ulong>>.Empty, 0);

    /// <summary>How many different samples are in the set.</summary>
    public long Count { get; }

    /// <summary>Whether <paramref name="sample"/> is in the set.</summary>
    public bool Contains(int sample) =>
        sample >= 0
        && _pages.TryGetValue(sample / SamplesPerPage, out ImmutableArray<ulong> page)
        && (page[sample % SamplesPerPage / 64] >> (sample % 64) & 1) != 0;

    /// <summary>The set with <paramref name="samples"/>, and how many of them it held already or stood twice.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A sample id is negative.</exception>
    public (SampleSet Set, long Duplicates) Add(ReadOnlySpan<int> samples)
    {
        var touched = new Dictionary<int, ulong[]>();
        long added = 0;
        foreach (int sample in samples)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(sample, nameof(samples));
            int page = sample / SamplesPerPage;
            if (!touched.TryGetValue(page, out ulong[]? words))
            {
                words = _pages.TryGetValue(page, out ImmutableArray<ulong> old) ? [.. old] : new ulong[WordsPerPage];
                touched[page] = words;
            }

            ref ulong word = ref words[sample % SamplesPerPage / 64];
            ulong bit = 1UL << (sample % 64);
            added += (word & bit) == 0 ? 1 : 0;
            word |= bit;
        }

        ImmutableDictionary<int, ImmutableArray<ulong>> pages = _pages.SetItems(
            touched.Select(p => KeyValuePair.Create(p.Key, ImmutableArray.Create(p.Value))));
        return (new SampleSet(pages, Count + added), samples.Length - added);
    }

    /// <summary>The set as bits, little-endian, sample 0 first; trailing zero bytes are left out.</summary>
    public byte[] ToBits()
    {
        if (_pages.IsEmpty)
        {
            return [];
        }

        byte[] bits = new byte[(_pages.Keys.Max() + 1) * WordsPerPage * sizeof(ulong)];
        foreach ((int page, ImmutableArray<ulong> words) in _pages)
        {
            for (int i = 0; i < WordsPerPage; i++)
            {
                int at = ((page * WordsPerPage) + i) * sizeof(ulong);
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bits.AsSpan(at), words[i]);
            }
        }

        return bits.AsSpan().TrimEnd((byte)0).ToArray();
    }

    /// <summary>Reads what <see cref="ToBits"/> wrote.</summary>
    public static SampleSet FromBits(ReadOnlySpan<byte> bits)
    {
        var samples = new List<int>();
        for (int i = 0; i < bits.Length; i++)
        {
            for (int b = 0; b < 8; b++)
            {
                if ((bits[i] >> b & 1) != 0)
                {
                    samples.Add((i * 8) + b);
                }
            }
        }

        return Empty.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(samples)).Set;
    }
}
