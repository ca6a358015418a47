namespace Colony.Worker;

/// <summary>A gradient was not finite and the job says to stop then.</summary>
internal sealed class NotFiniteException(long step, string parameter) : Exception(
    $"step {step}: the gradient of '{parameter}' is not finite; lower train.learning_rate, look at the features, or "
    + "set train.not_finite: skip");
