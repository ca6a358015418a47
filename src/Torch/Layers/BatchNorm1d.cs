namespace Colony.Torch.Modules;

/// <summary>
/// Batch normalization of [batch, features] or [batch, features, length], with a learned scale (at first 1) and shift
/// (0) and running statistics (at first mean 0, variance 1).
/// </summary>
public sealed class BatchNorm1d : torch.nn.Module<Tensor, Tensor>
{
    private readonly double _eps;
    private readonly double _momentum;

    internal BatchNorm1d(long features, double eps, double momentum)
    {
        _eps = eps;
        _momentum = momentum;
        weight = register_parameter("weight", new Parameter(torch.ones([features])));
        bias = register_parameter("bias", new Parameter(torch.zeros([features])));
        running_mean = register_buffer("running_mean", torch.zeros([features]));
        running_var = register_buffer("running_var", torch.ones([features]));
        num_batches_tracked = register_buffer("num_batches_tracked", torch.zeros([], ScalarType.Int64));
    }

    /// <summary>The scale.</summary>
    public Parameter weight { get; }

    /// <summary>The shift.</summary>
    public Parameter bias { get; }

    /// <summary>The mean that evaluation uses.</summary>
    public Tensor running_mean { get; }

    /// <summary>The variance that evaluation uses; unbiased.</summary>
    public Tensor running_var { get; }

    /// <summary>Forward passes in training.</summary>
    public Tensor num_batches_tracked { get; }

    /// <summary>
    /// See <see cref="torch.nn.functional.batch_norm"/>. A single value has no variance: PyTorch refuses to train on
    /// one a feature; here the running statistics take its place and stay as they are, so that a batch that was cut
    /// into slices can end with a slice of one sample.
    /// </summary>
    public override Tensor forward(Tensor input)
    {
        if (training)
        {
            using var mode = torch.no_grad();
            num_batches_tracked.add_(1);
        }

        var measured = training && input.numel() > weight.numel();
        return torch.nn.functional.batch_norm(
            input, running_mean, running_var, weight, bias, measured, _momentum, _eps);
    }
}
