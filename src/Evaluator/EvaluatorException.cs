namespace Colony.Evaluator;

/// <summary>An evaluation that cannot be done, in one sentence for people.</summary>
public sealed class EvaluatorException : Exception
{
    /// <summary>An exception with the sentence to show.</summary>
    public EvaluatorException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with the sentence to show and what led to it.</summary>
    public EvaluatorException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
