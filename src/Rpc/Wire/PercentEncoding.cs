using System.Text;

namespace Colony.Rpc;

/// <summary>
/// The encoding of <c>grpc-message</c>: UTF-8, where every byte outside printable ASCII, and the percent sign, is
/// written as <c>%</c> and two hexadecimal digits.
/// </summary>
internal static class PercentEncoding
{
    private const string Digits = "0123456789ABCDEF";

    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        var encoded = new StringBuilder(text.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (b is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append('%').Append(Digits[b >> 4]).Append(Digits[b & 15]);
            }
        }

        return encoded.ToString();
    }

    /// <summary>
    /// Decodes; what is not a valid escape stays as it is, invalid UTF-8 becomes the replacement sign.
    /// </summary>
    public static string Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        var source = Encoding.UTF8.GetBytes(text);
        var length = 0;
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] == '%' && i + 2 < source.Length
                && char.IsAsciiHexDigit((char)source[i + 1]) && char.IsAsciiHexDigit((char)source[i + 2]))
            {
                source[length++] = (byte)((Value(source[i + 1]) << 4) | Value(source[i + 2]));
                i += 2;
            }
            else
            {
                source[length++] = source[i];
            }
        }

        return Encoding.UTF8.GetString(source, 0, length);
    }

    private static int Value(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
