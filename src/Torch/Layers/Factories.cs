using Colony.Torch.Modules;

namespace Colony.Torch;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>y = x A^T + b.</summary>
        public static Linear Linear(long in_features, long out_features, bool bias = true) =>
            new(in_features, out_features, bias);

        /// <summary>Layer normalization over a last dimension of the given size.</summary>
        public static LayerNorm LayerNorm(long normalized_shape, double eps = 1e-5) => new(normalized_shape, eps);

        /// <summary>A table of vectors by index.</summary>
        public static Embedding Embedding(long num_embeddings, long embedding_dim, long? padding_idx = null) =>
            new(num_embeddings, embedding_dim, padding_idx);

        /// <summary>Dropout with probability p while training.</summary>
        public static Dropout Dropout(double p = 0.5) => new(p);

        /// <summary>A gated recurrent unit over [batch, steps, features].</summary>
        public static GRU GRU(
            long input_size, long hidden_size, long num_layers = 1, bool bias = true, double dropout = 0,
            bool bidirectional = false) =>
            new(input_size, hidden_size, num_layers, bias, dropout, bidirectional);

        /// <summary>Batch normalization of [batch, features] or [batch, features, length].</summary>
        public static BatchNorm1d BatchNorm1d(long num_features, double eps = 1e-5, double momentum = 0.1) =>
            new(num_features, eps, momentum);

        /// <summary>A convolution over [batch, channels, length].</summary>
        public static Conv1d Conv1d(
            long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0,
            long dilation = 1, long groups = 1, bool bias = true) =>
            new(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias);

        /// <summary>Modules by number.</summary>
        public static ModuleList<T> ModuleList<T>(params ReadOnlySpan<T> modules)
            where T : Module => new(modules);
    }
}
