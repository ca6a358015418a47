namespace Colony.Torch;

public static partial class torch
{
    /// <summary>Modules: layers with parameters.</summary>
    public static partial class nn
    {
        /// <summary>
        /// A part of a model. Parameters, buffers and modules inside are registered by name; their dotted names, in the
        /// order of registration, are the names in checkpoints. Disposing a module disposes all it holds.
        /// </summary>
        public abstract class Module : IDisposable
        {
            private readonly OrderedDictionary<string, Parameter> _parameters = new(StringComparer.Ordinal);
            private readonly OrderedDictionary<string, Tensor> _buffers = new(StringComparer.Ordinal);
            private readonly OrderedDictionary<string, Module> _modules = new(StringComparer.Ordinal);
            private bool _disposed;

            /// <summary>Whether dropout and batch statistics are those of training.</summary>
            public bool training { get; private set; } = true;

            /// <summary>
            /// Own parameters, then those of the modules inside, depth first, in order of registration.
            /// </summary>
            public IEnumerable<(string name, Parameter parameter)> named_parameters() => Walk("", m => m._parameters);

            /// <summary>As <see cref="named_parameters"/>, without names.</summary>
            public IEnumerable<Parameter> parameters() => named_parameters().Select(entry => entry.parameter);

            /// <summary>
            /// Tensors that are saved but not learned, in the order of <see cref="named_parameters"/>.
            /// </summary>
            public IEnumerable<(string name, Tensor buffer)> named_buffers() => Walk("", m => m._buffers);

            /// <summary>The modules directly inside.</summary>
            public IEnumerable<(string name, Module module)> named_children() =>
                _modules.Select(entry => (entry.Key, entry.Value));

            /// <summary>This module and all inside, with dotted names; this one's is empty.</summary>
            public IEnumerable<(string name, Module module)> named_modules() => Modules("");

            /// <summary>All that a checkpoint holds: parameters and buffers, module by module, as in PyTorch.</summary>
            public IEnumerable<(string name, Tensor tensor)> state_dict()
            {
                foreach (var (prefix, module) in Modules(""))
                {
                    foreach (var (name, parameter) in module._parameters)
                    {
                        yield return (Join(prefix, name), parameter);
                    }

                    foreach (var (name, buffer) in module._buffers)
                    {
                        yield return (Join(prefix, name), buffer);
                    }
                }
            }

            /// <summary>Copies values into the parameters and buffers of the same names.</summary>
            /// <exception cref="ArgumentException">A name is missing or unknown, or a shape differs.</exception>
            public void load_state_dict(IReadOnlyDictionary<string, Tensor> source)
            {
                using var mode = no_grad();
                var known = new HashSet<string>(StringComparer.Ordinal);
                foreach (var (name, tensor) in state_dict())
                {
                    known.Add(name);
                    if (!source.TryGetValue(name, out var values))
                    {
                        throw new ArgumentException($"there are no values for '{name}'", nameof(source));
                    }

                    if (!values.shape.AsSpan().SequenceEqual(tensor.shape))
                    {
                        throw new ArgumentException(
                            $"'{name}' is {tensor}, but the values are {values}", nameof(source));
                    }

                    tensor.copy_(values);
                }

                if (source.Keys.FirstOrDefault(name => !known.Contains(name)) is { } stranger)
                {
                    throw new ArgumentException($"the module has no '{stranger}'", nameof(source));
                }
            }

            /// <summary>Sets the mode of this module and all inside.</summary>
            public void train(bool on = true)
            {
                foreach (var (_, module) in Modules(""))
                {
                    module.training = on;
                }
            }

            /// <summary>Sets evaluation mode: <c>train(false)</c>.</summary>
            public void eval() => train(on: false);

            /// <summary>Drops the gradients of all parameters.</summary>
            public void zero_grad()
            {
                foreach (var parameter in parameters())
                {
                    parameter.grad = null;
                }
            }

            /// <summary>
            /// Moves parameters, their gradients, and buffers to a device; references to them stay good.
            /// </summary>
            public void to(Device device)
            {
                using var mode = no_grad();
                using var scope = NewDisposeScope();
                foreach (var parameter in parameters())
                {
                    var gradient = parameter.grad;
                    parameter.grad = null;
                    parameter.set_data(parameter.to(device));
                    parameter.grad = gradient?.to(device);
                }

                foreach (var (_, buffer) in named_buffers())
                {
                    buffer.set_data(buffer.to(device));
                }
            }

            /// <summary>Adds something that is learned; returns it.</summary>
            public Parameter register_parameter(string name, Parameter parameter)
            {
                Register(_parameters, name, parameter);
                return parameter;
            }

            /// <summary>
            /// Adds a tensor that is saved but not learned, and takes it out of its scope; returns it.
            /// </summary>
            public Tensor register_buffer(string name, Tensor buffer)
            {
                Register(_buffers, name, buffer);
                return buffer.DetachFromDisposeScope();
            }

            /// <summary>Adds a module inside this one; returns it.</summary>
            public T register_module<T>(string name, T module)
                where T : Module
            {
                Register(_modules, name, module);
                return module;
            }

            /// <summary>Disposes parameters, buffers and modules inside.</summary>
            public void Dispose()
            {
                Dispose(disposing: true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Disposes what is registered.</summary>
            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || _disposed)
                {
                    return;
                }

                _disposed = true;
                IEnumerable<IDisposable> held = _parameters.Values.Concat(_buffers.Values);
                foreach (var disposable in held.Concat(_modules.Values))
                {
                    disposable.Dispose();
                }
            }

            private static string Join(string prefix, string name) => prefix.Length == 0 ? name : $"{prefix}.{name}";

            private IEnumerable<(string Name, Module Module)> Modules(string prefix)
            {
                yield return (prefix, this);
                foreach (var (name, child) in _modules)
                {
                    foreach (var entry in child.Modules(Join(prefix, name)))
                    {
                        yield return entry;
                    }
                }
            }

            private IEnumerable<(string Name, T Value)> Walk<T>(
                string prefix, Func<Module, OrderedDictionary<string, T>> own)
                where T : Tensor =>
                Modules(prefix).SelectMany(
                    entry => own(entry.Module).Select(pair => (Join(entry.Name, pair.Key), pair.Value)));

            private void Register<T>(OrderedDictionary<string, T> list, string name, T value)
                where T : class
            {
                ArgumentException.ThrowIfNullOrEmpty(name);
                ArgumentNullException.ThrowIfNull(value);
                if (name.Contains('.', StringComparison.Ordinal))
                {
                    throw new ArgumentException($"'{name}': a dot parts the names of modules", nameof(name));
                }

                if (_parameters.ContainsKey(name) || _buffers.ContainsKey(name) || _modules.ContainsKey(name))
                {
                    throw new ArgumentException($"{GetType().Name} has a '{name}' already", nameof(name));
                }

                list.Add(name, value);
            }
        }

        /// <summary>A module that maps one value to another.</summary>
        public abstract class Module<T, TResult> : Module
        {
            /// <summary>Computes the output.</summary>
            public abstract TResult forward(T input);

            /// <summary>As <see cref="forward"/>.</summary>
            public TResult call(T input) => forward(input);
        }

        /// <summary>A module that maps two values to another.</summary>
        public abstract class Module<T1, T2, TResult> : Module
        {
            /// <summary>Computes the output.</summary>
            public abstract TResult forward(T1 input1, T2 input2);

            /// <summary>As <see cref="forward"/>.</summary>
            public TResult call(T1 input1, T2 input2) => forward(input1, input2);
        }
    }
}
