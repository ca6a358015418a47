using System.Text;

namespace Colony.Data;

/// <summary>
/// Reads the dictionary literal of an <c>.npy</c> header: the three keys NumPy writes, each once, in any order, and
/// no other Python. Anything else is an error that names the byte.
/// </summary>
internal ref struct NpyDictionary
{
    private const int MaxNameBytes = 64;
    private const int MaxShapeEntries = 64;

    private readonly ReadOnlySpan<byte> _text;
    private readonly int _offset;
    private readonly string _file;
    private int _at;

    public NpyDictionary(ReadOnlySpan<byte> text, int offset, string file)
    {
        _text = text;
        _offset = offset;
        _file = file;
    }

    public sealed record Content(string Descr, bool FortranOrder, IReadOnlyList<long> Shape);

    public Content Read()
    {
        string? descr = null;
        bool? fortran = null;
        IReadOnlyList<long>? shape = null;
        Expect('{');
        while (!Take('}'))
        {
            var key = Name();
            Expect(':');
            switch (key)
            {
                case "descr" when descr is null:
                    descr = Name();
                    break;
                case "fortran_order" when fortran is null:
                    fortran = Truth();
                    break;
                case "shape" when shape is null:
                    shape = Sizes();
                    break;
                default:
                    throw Bad($"the key '{key}' is unknown or there twice");
            }

            if (!Take(','))
            {
                Expect('}');
                break;
            }
        }

        SkipSpace();
        if (_at != _text.Length)
        {
            throw Bad("there is more behind the closing brace");
        }

        return new Content(
            descr ?? throw Bad("'descr' is missing"),
            fortran ?? throw Bad("'fortran_order' is missing"),
            shape ?? throw Bad("'shape' is missing"));
    }

    private string Name()
    {
        SkipSpace();
        if (_at < _text.Length && _text[_at] == (byte)'[')
        {
            throw DataException.In(
                _file, $"has a record type (structured array); save plain numbers ({NpyTypes.Known})");
        }

        var quote = Take('\'') ? (byte)'\'' : (byte)'"';
        if (quote == (byte)'"')
        {
            Expect('"');
        }

        var length = _text[_at..].IndexOf(quote);
        if (length is < 0 or > MaxNameBytes)
        {
            throw Bad("a string does not end");
        }

        var name = _text.Slice(_at, length);
        if (name.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E))
        {
            throw Bad("a string holds something that is not printable ASCII");
        }

        _at += length + 1;
        return Encoding.ASCII.GetString(name);
    }

    private bool Truth()
    {
        SkipSpace();
        var rest = _text[_at..];
        if (rest.StartsWith("True"u8))
        {
            _at += 4;
            return true;
        }

        if (rest.StartsWith("False"u8))
        {
            _at += 5;
            return false;
        }

        throw Bad("True or False was expected");
    }

    private IReadOnlyList<long> Sizes()
    {
        var sizes = new List<long>();
        Expect('(');
        while (!Take(')'))
        {
            if (sizes.Count == MaxShapeEntries)
            {
                throw Bad($"the shape has more than {MaxShapeEntries} entries");
            }

            sizes.Add(Number());
            if (!Take(','))
            {
                if (sizes.Count == 1)
                {
                    throw Bad("a shape of one entry needs a comma behind it");
                }

                Expect(')');
                break;
            }
        }

        return sizes;
    }

    private long Number()
    {
        SkipSpace();
        var start = _at;
        long value = 0;
        while (_at < _text.Length && char.IsAsciiDigit((char)_text[_at]))
        {
            var digit = _text[_at] - '0';
            if (value > (long.MaxValue - digit) / 10)
            {
                throw Bad("a size in the shape is larger than any file");
            }

            value = (value * 10) + digit;
            _at++;
        }

        return _at > start ? value : throw Bad("a size of the shape was expected");
    }

    private bool Take(char expected)
    {
        SkipSpace();
        if (_at < _text.Length && _text[_at] == (byte)expected)
        {
            _at++;
            return true;
        }

        return false;
    }

    private void Expect(char expected)
    {
        if (!Take(expected))
        {
            throw Bad($"'{expected}' was expected");
        }
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\n')
        {
            _at++;
        }
    }

    private readonly DataException Bad(string what)
        => DataException.In(
            _file, $"the .npy header is broken at byte {_offset + _at}: {what}; write it with numpy.save");
}
