namespace Colony.Torch;

/// <content>Automatic differentiation.</content>
public static partial class torch
{
    /// <summary>Whether operations of this thread are recorded for differentiation.</summary>
    public static bool is_grad_enabled()
    {
        Native.Check(Native.colony_grad_mode_get(out var enabled));
        return enabled;
    }

    /// <summary>Records no operation of this thread until disposed; not to be held across an await.</summary>
    public static IDisposable no_grad() => new GradMode(enabled: false);

    /// <summary>Records operations of this thread, or not, until disposed; not to be held across an await.</summary>
    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    /// <summary>Sets the thread's mode, and back at the end.</summary>
    private sealed class GradMode : IDisposable
    {
        private readonly bool _before = is_grad_enabled();
        private bool _disposed;

        internal GradMode(bool enabled) => Native.Check(Native.colony_grad_mode_set(enabled));

        public void Dispose()
        {
            if (!_disposed)
            {
                _disposed = true;
                Native.Check(Native.colony_grad_mode_set(_before));
            }
        }
    }

    /// <summary>
    /// Lets this thread's matrix products and convolutions on a device compute in a narrower type until disposed, and
    /// what needs the range or the digits stay as it is (Micikevicius et al. 2018); gradients of weights remain of the
    /// weights' type. GRUs are left out of it. Not to be held across an await.
    /// </summary>
    /// <param name="device">CPU or CUDA.</param>
    /// <param name="type">bfloat16, or float16 on CUDA.</param>
    /// <param name="enabled">False: everything within stays as it is.</param>
    public static IDisposable autocast(DeviceType device, ScalarType type = bfloat16, bool enabled = true) =>
        new Autocast(device, type, enabled);

    /// <summary>Sets the thread's autocast, and back at the end.</summary>
    private sealed class Autocast : IDisposable
    {
        private readonly DeviceType _device;
        private readonly Flag _wasEnabled;
        private readonly int _wasType;
        private bool _disposed;

        internal Autocast(DeviceType device, ScalarType type, bool enabled)
        {
            _device = device;
            Native.Check(
                Native.colony_autocast_enter((int)device, enabled, (int)type, out _wasEnabled, out _wasType));
        }

        public void Dispose()
        {
            if (!_disposed)
            {
                _disposed = true;
                Native.Check(Native.colony_autocast_leave((int)_device, _wasEnabled, _wasType));
            }
        }
    }

    /// <summary>Differentiation of several tensors at once.</summary>
    public static class autograd
    {
        /// <summary>
        /// Adds gradients to <see cref="Tensor.grad"/> of all leaves below the tensors, in one pass over their graph.
        /// </summary>
        /// <param name="tensors">Where the pass begins.</param>
        /// <param name="gradients">The gradient of each; null for single numbers, which begin with 1.</param>
        /// <param name="retain_graph">Keeps the graph for another pass.</param>
        public static unsafe void backward(
            ReadOnlySpan<Tensor> tensors, ReadOnlySpan<Tensor?> gradients = default, bool retain_graph = false)
        {
            ReadOnlySpan<Tensor?> starts = gradients.IsEmpty ? new Tensor?[tensors.Length] : gradients;
            RequireOneEach(tensors.Length, starts.Length);
            using var outputs = new HandleList(tensors);
            using var weights = new HandleList(starts);
            fixed (nint* outputPointers = outputs.Pointers)
            fixed (nint* gradientPointers = weights.Pointers)
            {
                Native.Check(
                    Native.colony_backward(outputPointers, gradientPointers, tensors.Length, retain_graph));
            }
        }

        /// <summary>
        /// The gradients of the outputs with respect to the inputs, one each; <see cref="Tensor.grad"/> stays as it is.
        /// </summary>
        /// <param name="outputs">What is differentiated.</param>
        /// <param name="inputs">With respect to what.</param>
        /// <param name="gradients">The gradient of each output; null for single numbers, which begin with 1.</param>
        /// <param name="retain_graph">Keeps the graph for another pass.</param>
        /// <param name="allow_unused">Gives null for an input that no output depends on, instead of failing.</param>
        public static unsafe Tensor?[] grad(
            ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> inputs, ReadOnlySpan<Tensor?> gradients = default,
            bool retain_graph = false, bool allow_unused = false)
        {
            ReadOnlySpan<Tensor?> starts = gradients.IsEmpty ? new Tensor?[outputs.Length] : gradients;
            RequireOneEach(outputs.Length, starts.Length);
            using var from = new HandleList(outputs);
            using var by = new HandleList(inputs);
            using var weights = new HandleList(starts);
            var found = new nint[inputs.Length];
            fixed (nint* outputPointers = from.Pointers)
            fixed (nint* inputPointers = by.Pointers)
            fixed (nint* gradientPointers = weights.Pointers)
            fixed (nint* results = found)
            {
                Native.Check(
                    Native.colony_autograd_grad(
                        outputPointers, gradientPointers, outputs.Length, inputPointers, inputs.Length, retain_graph,
                        allow_unused, results));
            }

            return Array.ConvertAll(found, pointer => pointer == 0 ? null : new Tensor(new TensorHandle(pointer)));
        }

        private static void RequireOneEach(int outputs, int gradients)
        {
            if (outputs != gradients)
            {
                throw new ArgumentException($"{outputs} tensors need as many gradients, but {gradients} were given");
            }
        }
    }
}
