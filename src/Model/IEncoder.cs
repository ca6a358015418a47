using Colony.Torch;

namespace Colony.Model;

/// <summary>
/// A model up to its embeddings. It sees one slice at a time, and its result depends on that slice, its weights and
/// torch's random generator alone. Inputs and outputs carry the names of <see cref="TensorNames"/>.
/// </summary>
public interface IEncoder : IDisposable
{
    /// <summary>The weights, under their published names.</summary>
    torch.nn.Module Module { get; }

    /// <summary>Maps a slice of b samples to named tensors with graph: <c>img_emb</c> and <c>cap_emb</c> [b, E], and
    /// <c>extra_loss</c> (a scalar) where the model adds one. The caller disposes the result.</summary>
    /// <exception cref="ArgumentException">A tensor is missing from the batch or has the wrong shape.</exception>
    NamedTensors Encode(NamedTensors batch);

    /// <summary>The image half of <see cref="Encode"/>: [b, E], or [b, K * E] where an image has K views.</summary>
    Tensor EncodeImages(NamedTensors batch);

    /// <summary>The caption half of <see cref="Encode"/>: [b, E].</summary>
    Tensor EncodeCaptions(NamedTensors batch);
}
