using System.Runtime.InteropServices;

namespace Colony.Torch;

internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial nint colony_matmul(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_bmm(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_cdist(TensorHandle self, TensorHandle other, double p, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_softmax(TensorHandle self, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_log_softmax(TensorHandle self, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_linear(
        TensorHandle input, TensorHandle weight, TensorHandle bias, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_layer_norm(
        TensorHandle input, ReadOnlySpan<long> shape, int dim, TensorHandle weight, TensorHandle bias, double eps,
        out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_dropout(TensorHandle input, double p, Flag train, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_embedding(
        TensorHandle weight, TensorHandle indices, long paddingIdx, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_conv1d(
        TensorHandle input, TensorHandle weight, TensorHandle bias, long stride, long padding, long dilation,
        long groups, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_batch_norm(
        TensorHandle input, TensorHandle weight, TensorHandle bias, TensorHandle runningMean, TensorHandle runningVar,
        Flag training, double momentum, double eps, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_cross_entropy(
        TensorHandle input, TensorHandle target, long reduction, long ignoreIndex, double labelSmoothing,
        out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_gru(
        TensorHandle input, TensorHandle lengths, TensorHandle hidden, nint* weights, int weightCount, Flag hasBiases,
        long layers, double dropout, Flag train, Flag bidirectional, out TensorHandle output,
        out TensorHandle lastHidden);
}
