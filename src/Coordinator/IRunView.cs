using Colony.Orchestration;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>
/// Whoever watches a run: the progress display of the command line. Called on the coordinator's turn; be quick.
/// </summary>
public interface IRunView
{
    /// <summary>A step was committed.</summary>
    /// <param name="state">The state after it.</param>
    /// <param name="loss">Loss of its global batch.</param>
    /// <param name="samplesPerSecond">Over the last steps.</param>
    void Committed(CoordinatorState state, double loss, double samplesPerSecond);

    /// <summary>The evaluator judged a snapshot.</summary>
    void Judged(Proto.Evaluation evaluation);

    /// <summary>An epoch's last step is committed.</summary>
    void EpochClosed(EpochAccount account);

    /// <summary>A decision was made, in one sentence.</summary>
    void Told(string sentence);
}
