using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Colony.Rpc.Tests;

public sealed class HeaderCodecTests
{
    [Theory]
    [InlineData("plain words", "plain words")]
    [InlineData("100 %", "100 %25")]
    [InlineData("zwei\nZeilen\r\t", "zwei%0AZeilen%0D%09")]
    [InlineData("größer ☃", "gr%C3%B6%C3%9Fer %E2%98%83")]
    public void Percent_encoding_is_that_of_the_protocol(string text, string encoded)
    {
        Assert.Equal(encoded, PercentEncoding.Encode(text));
        Assert.Equal(text, PercentEncoding.Decode(encoded));
    }

    [Theory]
    [InlineData("%", "%")]
    [InlineData("50%", "50%")]
    [InlineData("%4", "%4")]
    [InlineData("%zz%41", "%zzA")]
    [InlineData("%e2%98%83", "☃")]
    [InlineData("%FF", "\uFFFD")]
    public void Broken_percent_encoding_is_read_as_well_as_it_can_be(string encoded, string text) =>
        Assert.Equal(text, PercentEncoding.Decode(encoded));

    [Fact]
    public void Any_text_survives_percent_encoding_in_printable_ascii() =>
        Prop.ForAll<string>(text =>
        {
            var valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));
            var encoded = PercentEncoding.Encode(valid);
            return encoded.All(c => c is >= ' ' and <= '~') && PercentEncoding.Decode(encoded) == valid;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Decoding_any_text_never_throws() =>
        Prop.ForAll<string>(text => PercentEncoding.Decode("%" + text + "%") is not null).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("1H", 3600e7)]
    [InlineData("2M", 120e7)]
    [InlineData("3S", 3e7)]
    [InlineData("99999999m", 99999999e4)]
    [InlineData("5u", 50)]
    [InlineData("1n", 1)]
    [InlineData("100n", 1)]
    [InlineData("0n", 0)]
    public void Timeouts_are_read(string text, double ticks)
    {
        Assert.True(TimeoutHeader.TryParse(text, out var timeout));
        Assert.Equal((long)ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("1")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData(" 1S")]
    [InlineData("1 S")]
    [InlineData("1s")]
    [InlineData("123456789S")]
    [InlineData("1.5S")]
    [InlineData("١S")]
    public void Malformed_timeouts_are_refused(string? text) => Assert.False(TimeoutHeader.TryParse(text, out _));

    [Fact]
    public void A_written_timeout_is_never_shorter_and_hardly_longer()
    {
        var random = new Random(3);
        for (var round = 0; round < 20_000; round++)
        {
            var timeout = TimeSpan.FromTicks(random.NextInt64(0, 1L << random.Next(1, 60)));
            var text = TimeoutHeader.Format(timeout);
            Assert.InRange(text.Length, 2, 9);
            Assert.True(TimeoutHeader.TryParse(text, out var read), text);
            Assert.True(read >= timeout, $"{timeout} became {text}");
            Assert.True((read - timeout).Ticks <= Math.Max(timeout.Ticks / 10_000, 0), $"{timeout} became {text}");
        }
    }

    [Fact]
    public void Times_beyond_the_field_are_cut_to_its_longest()
    {
        Assert.Equal("0n", TimeoutHeader.Format(TimeSpan.FromSeconds(-1)));
        Assert.True(TimeoutHeader.TryParse(TimeoutHeader.Format(TimeSpan.MaxValue), out var longest));
        Assert.True(longest > TimeSpan.FromDays(10_000));
    }

    [Fact]
    public void Binary_metadata_survives_with_and_without_padding() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            bytes ??= [];
            var padded = Convert.ToBase64String(bytes);
            return MetadataCodec.TryDecodeBase64(padded, out var first) && first.SequenceEqual(bytes)
                && MetadataCodec.TryDecodeBase64(padded.TrimEnd('='), out var second) && second.SequenceEqual(bytes);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Hostile_metadata_is_dropped_or_kept_but_never_throws()
    {
        var random = new Random(9);
        for (var round = 0; round < 5000; round++)
        {
            var value = Encoding.Latin1.GetString(Echo.Pattern(random.Next(0, 30), round));
            var into = new Metadata();
            MetadataCodec.Decode("x-bin", value, into);
            MetadataCodec.Decode(value, value, into);
        }

        var metadata = new Metadata();
        MetadataCodec.Decode("k-bin", "AAE, !, AAEC", metadata);
        Assert.Equal([new byte[] { 0, 1 }, new byte[] { 0, 1, 2 }], metadata.Select(entry => entry.Bytes.ToArray()));
    }

    [Theory]
    [InlineData("grpc-status")]
    [InlineData("content-type")]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("ä")]
    [InlineData(":path")]
    [InlineData("x-bin")]
    public void Keys_that_break_the_rules_are_refused(string key) =>
        Assert.Throws<ArgumentException>(() => new Metadata().Add(key, "value"));

    [Fact]
    public void Values_that_break_the_rules_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Metadata().Add("key", "two\nlines"));
        Assert.Throws<ArgumentException>(() => new Metadata().Add("key", "ä"));
        Assert.Throws<ArgumentException>(() => new Metadata().Add("key", new byte[] { 1 }));
    }

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("application/grpc; charset=x", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/json", false)]
    [InlineData(null, false)]
    public void Content_types_are_checked(string? type, bool expected) =>
        Assert.Equal(expected, ProtocolNames.IsGrpc(type));
}
