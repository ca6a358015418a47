using Colony.Torch;

namespace Colony.Model;

/// <summary>What is trained for: a loss over a whole global batch, and the score by which pairs are ranked.</summary>
public interface IObjective
{
    /// <summary>Names of the encoder outputs that the loss reads; only these need to be gathered.</summary>
    IReadOnlyList<string> Inputs { get; }

    /// <summary>
    /// The loss, a scalar with graph, of the tensors of a global batch of B pairs (row i of the images belongs to row i
    /// of the captions). It is a pure function of them, so every worker gets the same bits.
    /// </summary>
    /// <param name="gathered">The tensors named by <see cref="Inputs"/>, [B, E] each, in logical-rank order.</param>
    /// <param name="step">The step, from 0, counted over all epochs.</param>
    /// <param name="stepsPerEpoch">Steps in every epoch.</param>
    Tensor Loss(NamedTensors gathered, long step, long stepsPerEpoch);

    /// <summary>The score of every image with every caption: [N, E] and [M, E] to [N, M]; larger is closer.</summary>
    Tensor Scores(Tensor images, Tensor captions);
}
