using Colony.Torch;

namespace Colony.Model;

/// <summary>What is trained for: a loss over a whole global batch, and the score by which pairs are ranked.</summary>
public interface IObjective
{
    /// <summary>Names of the encoder outputs that the loss reads; only these need to be gathered.</summary>
    IReadOnlyList<string> Inputs { get; }

    /// <summary>What the loss itself learns; null: nothing. Its gradient is the same bits on every worker, since the
    /// loss is, so it need not be reduced. Whoever made the objective disposes it.</summary>
    torch.nn.Module? Module => null;

    /// <summary>What the names of <see cref="Module"/> begin with in the published state (<c>region_loss.</c>); null:
    /// that leaves them out.</summary>
    string? PublishedPrefix => null;

    /// <summary>
    /// The loss, a scalar with graph, of the tensors of a global batch of B pairs (row i of the images belongs to row i
    /// of the captions). It is a pure function of them, of its parameters, and of torch's generator where it draws, so
    /// every worker gets the same bits.
    /// </summary>
    /// <param name="gathered">The tensors named by <see cref="Inputs"/>, [B, ...] float32 each, in logical-rank order.
    /// Where slices differ in length along the second dimension, the shorter ones end in zeros.</param>
    /// <param name="step">The step, from 0, counted over all epochs.</param>
    /// <param name="stepsPerEpoch">Steps in every epoch.</param>
    Tensor Loss(NamedTensors gathered, long step, long stepsPerEpoch);

    /// <summary>
    /// Called once a step with clipped gradients in place, before the optimizer moves the parameters: the place to
    /// bring parameters of <see cref="Module"/> into the form that <see cref="Loss"/> used them in, or to drop their
    /// gradients. Depends on them and the step alone, so that a replica which never computed the loss does the same.
    /// </summary>
    /// <param name="step">As for <see cref="Loss"/>.</param>
    /// <param name="stepsPerEpoch">Steps in every epoch.</param>
    void BeforeUpdate(long step, long stepsPerEpoch)
    {
    }

    /// <summary>The score of every image with every caption: [N, E] and [M, E] to [N, M]; larger is closer. Where an
    /// image has several vectors they lie side by side in its row.</summary>
    Tensor Scores(Tensor images, Tensor captions);
}
