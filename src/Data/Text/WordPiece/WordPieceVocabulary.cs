using System.Text;

namespace Colony.Data;

/// <summary>
/// The pieces of a BERT, from its <c>vocab.txt</c>: one a line, the line number from 0 is the id. Immutable.
/// </summary>
public sealed class WordPieceVocabulary
{
    /// <summary>The largest file read.</summary>
    public const int MaxBytes = 64 << 20;

    /// <summary>Characters of the longest piece read.</summary>
    public const int MaxPiece = 1000;

    /// <summary>What a piece begins with that goes on a word.</summary>
    internal const string Continuation = "##";

    private static readonly UTF8Encoding Strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string[] _pieces;
    private readonly Dictionary<string, int> _ids;

    private WordPieceVocabulary(string[] pieces, Dictionary<string, int> ids, int longest)
    {
        (_pieces, _ids, Longest) = (pieces, ids, longest);
        (Unknown, First, Last) = (ids["[UNK]"], ids["[CLS]"], ids["[SEP]"]);
        Mask = ids.GetValueOrDefault("[MASK]", Unknown);
        Special = [.. SpecialPieces.Where(ids.ContainsKey).Select(piece => (piece, ids[piece]))];
        Heads = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        Tails = ids.Where(pair => pair.Key.StartsWith(Continuation, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[Continuation.Length..], pair => pair.Value, StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Pieces: the rows of BERT's word embedding.</summary>
    public int Count => _pieces.Length;

    /// <summary>Id of <c>[UNK]</c>.</summary>
    public int Unknown { get; }

    /// <summary>Id of <c>[CLS]</c>, in front of every caption.</summary>
    public int First { get; }

    /// <summary>Id of <c>[SEP]</c>, behind every caption.</summary>
    public int Last { get; }

    /// <summary>Id of <c>[MASK]</c>, which stands for a word that is hidden while training; of <c>[UNK]</c> where the
    /// file has none.</summary>
    public int Mask { get; }

    /// <summary>Ids of the pieces that go on a word.</summary>
    public IReadOnlyCollection<int> Continuations => Tails.Dictionary.Values;

    /// <summary>The piece with an id.</summary>
    /// <param name="id">An id below <see cref="Count"/>.</param>
    public string this[int id] => id >= 0 && id < _pieces.Length
        ? _pieces[id]
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"The pieces have ids 0 to {_pieces.Length - 1}.");

    internal static IReadOnlyList<string> SpecialPieces { get; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>The special pieces that are there.</summary>
    internal IReadOnlyList<(string Piece, int Id)> Special { get; }

    /// <summary>Pieces that begin a word.</summary>
    internal Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Heads { get; }

    /// <summary>Pieces that go on, without their mark.</summary>
    internal Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Tails { get; }

    /// <summary>Characters of the longest piece.</summary>
    internal int Longest { get; }

    /// <summary>Reads a vocabulary.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">The file is missing, no UTF-8, has an empty line, a piece twice, a special piece
    /// too few, or <c>[PAD]</c> elsewhere than in its first line; the message names file and line.</exception>
    public static WordPieceVocabulary Load(string path)
    {
        var lines = Lines(path);
        var ids = new Dictionary<string, int>(lines.Length, StringComparer.Ordinal);
        var longest = 1;
        for (var i = 0; i < lines.Length; i++)
        {
            var piece = lines[i].TrimEnd('\r');
            if (piece.Length is 0 or > MaxPiece)
            {
                throw DataException.In(path, piece.Length == 0
                    ? $"line {i + 1} is empty; every line is a word piece, and its number the id"
                    : $"line {i + 1} has {piece.Length} characters, and a word piece at most {MaxPiece}");
            }

            if (!ids.TryAdd(piece, i))
            {
                throw DataException.In(
                    path, $"line {i + 1}: the word piece '{piece}' is in line {ids[piece] + 1} already");
            }

            lines[i] = piece;
            longest = Math.Max(longest, piece.Length);
        }

        foreach (var needed in SpecialPieces.Take(4).Where(piece => !ids.ContainsKey(piece)))
        {
            throw DataException.In(path, $"has no line {needed}; take the vocab.txt that came with the BERT");
        }

        return ids["[PAD]"] == 0
            ? new WordPieceVocabulary(lines, ids, longest)
            : throw DataException.In(
                path, $"line {ids["[PAD]"] + 1}: [PAD] must be line 1, because id 0 is padding here");
    }

    /// <summary>The id of a piece as it stands in the file.</summary>
    /// <param name="piece">The piece, with its mark where it has one.</param>
    /// <param name="id">Its id.</param>
    public bool TryGetId(string piece, out int id) => _ids.TryGetValue(piece, out id);

    private static string[] Lines(string path)
    {
        byte[] bytes;
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > MaxBytes)
            {
                throw DataException.In(path, $"has {file.Length} bytes, and a vocabulary at most {MaxBytes}");
            }

            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.CannotRead(path, error);
        }

        try
        {
            var lines = Strict.GetString(bytes).TrimStart('\uFEFF').Split('\n');
            return lines[^1].Length == 0 ? lines[..^1] : lines;
        }
        catch (DecoderFallbackException error)
        {
            var line = bytes.AsSpan(0, Math.Clamp(error.Index, 0, bytes.Length)).Count((byte)'\n') + 1;
            throw DataException.In(path, $"line {line} is not UTF-8 text; convert the file with iconv", error);
        }
    }
}
