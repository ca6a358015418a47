namespace Colony.Torch;

public static partial class torch
{
    /// <summary>How the losses of samples become one loss.</summary>
    public enum Reduction
    {
        /// <summary>Not at all: one loss a sample.</summary>
        None = 0,

        /// <summary>Their mean.</summary>
        Mean = 1,

        /// <summary>Their sum.</summary>
        Sum = 2,
    }

    public static partial class nn
    {
        /// <summary>Layers without parameters of their own.</summary>
        public static class functional
        {
            private const int NoPaddingIndex = -1;

            /// <summary>input @ weight.T + bias; weight is [out, in].</summary>
            public static Tensor linear(Tensor input, Tensor weight, Tensor? bias = null) =>
                Native.Give(
                    Native.colony_linear(input.Handle, weight.Handle, OrNone(bias), out var result), result);

            /// <summary>
            /// Normalizes over the last dimensions, which have the given shape, then scales and shifts.
            /// </summary>
            public static Tensor layer_norm(
                Tensor input, ReadOnlySpan<long> normalized_shape, Tensor? weight = null, Tensor? bias = null,
                double eps = 1e-5) =>
                Native.Give(
                    Native.colony_layer_norm(
                        input.Handle, normalized_shape, normalized_shape.Length, OrNone(weight), OrNone(bias), eps,
                        out var result),
                    result);

            /// <summary>
            /// When training, sets each element to zero with probability p, drawn from the seeded generator, and
            /// divides the others by 1 - p.
            /// </summary>
            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true) =>
                Native.Give(Native.colony_dropout(input.Handle, p, training, out var result), result);

            /// <summary>Rows of the weight by index (int64); the row padding_idx gets no gradient.</summary>
            public static Tensor embedding(Tensor input, Tensor weight, long? padding_idx = null) =>
                Native.Give(
                    Native.colony_embedding(
                        weight.Handle, input.Handle, padding_idx ?? NoPaddingIndex, out var result),
                    result);

            /// <summary>A convolution over [batch, in, length] with weight [out, in / groups, kernel].</summary>
            public static Tensor conv1d(
                Tensor input, Tensor weight, Tensor? bias = null, long stride = 1, long padding = 0, long dilation = 1,
                long groups = 1) =>
                Native.Give(
                    Native.colony_conv1d(
                        input.Handle, weight.Handle, OrNone(bias), stride, padding, dilation, groups, out var result),
                    result);

            /// <summary>
            /// Normalizes each channel over batch and length: by the batch's statistics when training (which then enter
            /// the running ones in place), else by the running ones.
            /// </summary>
            public static Tensor batch_norm(
                Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null,
                bool training = false, double momentum = 0.1, double eps = 1e-5) =>
                Native.Give(
                    Native.colony_batch_norm(
                        input.Handle, OrNone(weight), OrNone(bias), OrNone(running_mean), OrNone(running_var), training,
                        momentum, eps, out var result),
                    result);

            /// <summary>
            /// The negative logarithm of the softmax at the target: classes (int64), or probabilities of all classes.
            /// </summary>
            public static Tensor cross_entropy(
                Tensor input, Tensor target, Reduction reduction = Reduction.Mean, long ignore_index = -100,
                double label_smoothing = 0) =>
                Native.Give(
                    Native.colony_cross_entropy(
                        input.Handle, target.Handle, (long)reduction, ignore_index, label_smoothing, out var result),
                    result);

            /// <summary>Divides by the p-norm along the dimension, or by eps where the norm is smaller.</summary>
            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1e-12)
            {
                using var norm = input.norm(dim, p, keepdim: true);
                using var bounded = norm.clamp(min: eps);
                return input / bounded;
            }

            /// <inheritdoc cref="Tensor.relu"/>
            public static Tensor relu(Tensor input) => input.relu();

            /// <inheritdoc cref="Tensor.gelu"/>
            public static Tensor gelu(Tensor input) => input.gelu();

            /// <inheritdoc cref="Tensor.softmax"/>
            public static Tensor softmax(Tensor input, long dim) => input.softmax(dim);

            /// <inheritdoc cref="Tensor.log_softmax"/>
            public static Tensor log_softmax(Tensor input, long dim) => input.log_softmax(dim);

            internal static TensorHandle OrNone(Tensor? tensor) => tensor?.Handle ?? TensorHandle.None;
        }
    }
}
