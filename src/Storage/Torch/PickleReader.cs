namespace Colony.Storage;

/// <summary>
/// Reads the pickle of a PyTorch file (Python's pickle protocols 2 to 5, the opcodes that torch.save writes) without
/// running anything: names are looked up in a short list, and whatever is not on it is refused. Work and memory grow
/// with the bytes of the pickle alone; nothing here recurses.
/// </summary>
internal sealed class PickleReader
{
    /// <summary>The longest pickle read; weights are not in it, only their names and shapes.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>The most values that a pickle may make.</summary>
    public const int MaxValues = 2_000_000;

    private const int HighestProtocol = 5;

    private readonly string _source;
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<uint, object?> _memo = [];
    private readonly PickleCalls _calls;
    private int _values;

    private PickleReader(string source) => (_source, _calls) = (source, new PickleCalls(source));

    /// <summary>The object that the pickle holds.</summary>
    /// <param name="pickle">Its bytes.</param>
    /// <param name="source">What to call the file in messages.</param>
    /// <exception cref="TorchFileException">It asks for anything but tensors in dictionaries and lists.</exception>
    public static object? Read(ReadOnlySpan<byte> pickle, string source)
    {
        if (pickle.Length > MaxBytes)
        {
            throw new TorchFileException(
                source, $"its pickle has {pickle.Length} bytes, more than the {MaxBytes} allowed");
        }

        return new PickleReader(source).Run(new PickleBytes(pickle, source));
    }

    private object? Run(PickleBytes bytes)
    {
        while (true)
        {
            var at = bytes.At;
            var code = bytes.Byte();
            if (code == '.')
            {
                return _stack.Count == 1 && _marks.Count == 0
                    ? Pop()
                    : throw Bad($"its pickle stops with {_stack.Count} values");
            }

            var known = Scalar(code, ref bytes) || Container(code) || Named(code, ref bytes)
                || Memo(code, ref bytes);
            if (!known)
            {
                throw Bad($"its pickle has the opcode 0x{code:X2} at byte {at}, which weights do not need");
            }
        }
    }

    private bool Scalar(byte code, ref PickleBytes bytes)
    {
        switch (code)
        {
            case 0x80 when bytes.Byte() is var protocol:
                return protocol <= HighestProtocol ? true : throw Bad($"its pickle has the protocol {protocol}");
            case 0x95: bytes.UInt64(); return true; // a frame: how much to buffer, which nothing here does
            case (byte)'N': return Push(null);
            case 0x88: return Push(true);
            case 0x89: return Push(false);
            case (byte)'J': return Push((long)bytes.Int32());
            case (byte)'K': return Push((long)bytes.Byte());
            case (byte)'M': return Push((long)bytes.UInt16());
            case 0x8A: return Push(bytes.Long(bytes.Byte()) is { } value ? value : PickleDropped.Instance);
            case (byte)'G': return Push(bytes.Double());
            case (byte)'X': return Push(bytes.Text(bytes.UInt32()));
            case 0x8C: return Push(bytes.Text(bytes.Byte()));
            case 0x8D: return Push(bytes.Text(bytes.UInt64()));
            case (byte)'C': bytes.Skip(bytes.Byte()); return Push(PickleDropped.Instance);
            case (byte)'B': bytes.Skip(bytes.UInt32()); return Push(PickleDropped.Instance);
            default: return false;
        }
    }

    private bool Container(byte code)
    {
        switch (code)
        {
            case (byte)'(': return PushMark();
            case (byte)')': return Push(new PickleList([], true));
            case (byte)']': return Push(new PickleList([], false));
            case (byte)'}': return Push(new PickleDictionary());
            case (byte)'t': return Push(new PickleList(PopToMark(), true));
            case 0x85 or 0x86 or 0x87: return Push(new PickleList(Pop(code - 0x84), true));
            case (byte)'a': Append(Pop(1)); return true;
            case (byte)'e': Append(PopToMark()); return true;
            case (byte)'s': Set(Pop(2)); return true;
            case (byte)'u': Set(PopToMark()); return true;
            default: return false;
        }
    }

    private bool Named(byte code, ref PickleBytes bytes)
    {
        switch (code)
        {
            case (byte)'c': return Push(_calls.Find(bytes.Line(), bytes.Line()));
            case 0x93:
                var name = Pop(2);
                return Push(name is [string module, string member]
                    ? _calls.Find(module, member)
                    : throw Bad("its pickle calls up something without a name"));
            case (byte)'R' or 0x81:
                var call = Pop(2);
                return Push(call is [PickleGlobal global, PickleList { IsTuple: true } arguments]
                    ? _calls.Call(global, arguments.Items)
                    : throw Bad("its pickle calls something that is no name"));
            case (byte)'b':
                // State beside the entries: a dictionary's metadata, a script's settings. Neither is weights.
                Pop();
                return Peek() is PickleDictionary or PickleDropped
                    ? true
                    : throw Bad("its pickle gives state to something that has none");
            case (byte)'Q': return Push(_calls.Storage(Pop()));
            default: return false;
        }
    }

    private bool Memo(byte code, ref PickleBytes bytes)
    {
        switch (code)
        {
            case (byte)'q': _memo[bytes.Byte()] = Peek(); return true;
            case (byte)'r': _memo[bytes.UInt32()] = Peek(); return true;
            case 0x94: _memo[(uint)_memo.Count] = Peek(); return true;
            case (byte)'h': return Push(Recall(bytes.Byte()));
            case (byte)'j': return Push(Recall(bytes.UInt32()));
            default: return false;
        }
    }

    private object? Recall(uint place) => _memo.TryGetValue(place, out var value)
        ? value
        : throw Bad($"its pickle recalls the place {place}, where nothing was kept");

    private bool Push(object? value)
    {
        if (++_values > MaxValues)
        {
            throw Bad($"its pickle makes more than {MaxValues} values");
        }

        _stack.Add(value);
        return true;
    }

    private bool PushMark()
    {
        if (++_values > MaxValues)
        {
            throw Bad($"its pickle makes more than {MaxValues} values");
        }

        _marks.Push(_stack.Count);
        return true;
    }

    private int Above => _marks.TryPeek(out var mark) ? mark : 0;

    private object? Peek() => _stack.Count > Above ? _stack[^1] : throw Empty();

    private object? Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private List<object?> Pop(int count)
    {
        if (_stack.Count - Above < count)
        {
            throw Empty();
        }

        var values = _stack[^count..];
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private List<object?> PopToMark()
    {
        if (!_marks.TryPop(out var mark))
        {
            throw Empty();
        }

        var values = _stack[mark..];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    private void Append(List<object?> values)
    {
        if (Peek() is not PickleList { IsTuple: false } list)
        {
            throw Bad("its pickle appends to something that is no list");
        }

        list.Items.AddRange(values);
    }

    private void Set(List<object?> values)
    {
        if (Peek() is not PickleDictionary dictionary || values.Count % 2 != 0)
        {
            throw Bad("its pickle puts entries into something that is no dictionary");
        }

        for (var i = 0; i < values.Count; i += 2)
        {
            dictionary.Entries.Add((values[i], values[i + 1]));
        }
    }

    private TorchFileException Empty() => Bad("its pickle takes more values than it made");

    private TorchFileException Bad(string problem) => new(_source, problem);
}
