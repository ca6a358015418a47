using System.Runtime.InteropServices;

namespace Colony.Torch;

internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial nint colony_requires_grad(TensorHandle self, out Flag requiresGrad);

    [LibraryImport(Library)]
    internal static partial nint colony_requires_grad_(TensorHandle self, Flag requiresGrad);

    [LibraryImport(Library)]
    internal static partial nint colony_is_leaf(TensorHandle self, out Flag leaf);

    [LibraryImport(Library)]
    internal static partial nint colony_detach(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_set_data(TensorHandle self, TensorHandle data);

    [LibraryImport(Library)]
    internal static partial nint colony_grad(TensorHandle self, out TensorHandle gradient);

    [LibraryImport(Library)]
    internal static partial nint colony_set_grad(TensorHandle self, TensorHandle gradient);

    [LibraryImport(Library)]
    internal static partial nint colony_backward(nint* outputs, nint* gradients, int count, Flag retainGraph);

    [LibraryImport(Library)]
    internal static partial nint colony_autograd_grad(
        nint* outputs, nint* gradients, int outputCount, nint* inputs, int inputCount, Flag retainGraph,
        Flag allowUnused, nint* results);

    [LibraryImport(Library)]
    internal static partial nint colony_autocast_enter(
        int deviceType, Flag enabled, int type, out Flag wasEnabled, out int wasType);

    [LibraryImport(Library)]
    internal static partial nint colony_autocast_leave(int deviceType, Flag wasEnabled, int wasType);
}
