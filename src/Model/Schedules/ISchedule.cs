namespace Colony.Model;

/// <summary>A learning rate as a pure function of the step, and of what <c>plateau</c> has come to.</summary>
public interface ISchedule
{
    /// <summary>The rate in force when step <paramref name="step"/> (from 0, counted over all epochs) is taken, with
    /// <paramref name="stepsPerEpoch"/> steps in every epoch.</summary>
    /// <param name="step">The step.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    /// <param name="reached">The base rate that <c>plateau</c> has come to (<see cref="PlateauState.Rate"/>); null for
    /// the options' own. Other decays go by no such thing.</param>
    double LearningRate(long step, long stepsPerEpoch, double? reached = null);
}
