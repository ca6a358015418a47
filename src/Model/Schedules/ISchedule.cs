namespace Colony.Model;

/// <summary>A learning rate as a pure function of the step, so that it needs no state and no checkpoint.</summary>
public interface ISchedule
{
    /// <summary>The rate in force when step <paramref name="step"/> (from 0, counted over all epochs) is taken, with
    /// <paramref name="stepsPerEpoch"/> steps in every epoch.</summary>
    double LearningRate(long step, long stepsPerEpoch);
}
