using Colony.Torch;

namespace Colony.Model;

/// <summary>Sizes of the BERT in a model's options.</summary>
internal sealed record BertSettings(
    int Width, int Layers, int Heads, int Intermediate, int Positions, double Dropout, bool Pooler);

/// <summary>The tokens of a slice's captions.</summary>
/// <param name="Hidden">[b, T, W].</param>
/// <param name="Lengths">[b] int64.</param>
/// <param name="Mask">The same as a mask; the caller disposes it.</param>
internal readonly record struct Tokens(Tensor Hidden, Tensor Lengths, PaddingMask Mask);

/// <summary>Where a model's token features come from: given ones (<c>features</c>), or the last layer of a BERT inside
/// (<c>bert</c>), which the owner registers.</summary>
internal sealed class TextTokens
{
    private readonly ModelInputs inputs;

    public TextTokens(string text, ModelInputs inputs, BertSettings settings)
    {
        this.inputs = inputs;
        if (text == "features")
        {
            Width = inputs.WordDim > 0
                ? inputs.WordDim
                : throw new ArgumentException(
                    "text: features needs a data set with token features; this one has none", nameof(inputs));
            return;
        }

        Width = settings.Width;
        Bert = new BertModel(
            new BertShape(
                Batch.Words(inputs), settings.Width, settings.Layers, settings.Heads, settings.Intermediate,
                settings.Positions),
            settings.Dropout, settings.Pooler);
    }

    /// <summary>Width W of a token.</summary>
    public long Width { get; }

    /// <summary>The BERT, where there is one.</summary>
    public BertModel? Bert { get; }

    /// <summary>Reads the captions of a batch, in the caller's scope.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="change">The probability with which words are changed; 0: none is.</param>
    /// <param name="fixedLength">Tokens that every slice is padded to; 0: its longest caption.</param>
    public Tokens Read(NamedTensors batch, double change, int fixedLength = 0)
    {
        var lengths = Batch.Require(batch, TensorNames.CaptionLengths, 1);
        if (Bert is null)
        {
            var features = Batch.Padded(
                Batch.Require(batch, TensorNames.CaptionFeatures, 3, Width), fixedLength, TensorNames.CaptionFeatures);
            return new Tokens(features, lengths, Mask(lengths, features.shape[1]));
        }

        var ids = Batch.Require(batch, TensorNames.Captions, 2);
        if (change > 0)
        {
            WordPieces pieces = inputs.Pieces ?? throw new InvalidOperationException(
                "words are changed while training, and the model was not told of the word pieces");
            (ids, lengths) = SizeAugmentation.Words(ids, lengths, change, inputs.VocabularySize, pieces);
        }

        ids = Batch.Padded(ids, fixedLength, TensorNames.Captions);
        var mask = Mask(lengths, ids.shape[1]);
        return new Tokens(Bert.forward(ids, mask).transpose(0, 1), lengths, mask);
    }

    private static PaddingMask Mask(Tensor lengths, long size) =>
        PaddingMask.Of(lengths, size, TensorNames.CaptionLengths);
}
