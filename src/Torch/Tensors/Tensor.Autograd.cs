namespace Colony.Torch;

/// <content>Automatic differentiation.</content>
public partial class Tensor
{
    /// <summary>Whether gradients are computed for the tensor.</summary>
    public bool requires_grad
    {
        get
        {
            Native.Check(Native.colony_requires_grad(Handle, out var required));
            return required;
        }
        set => requires_grad_(value);
    }

    /// <summary>Whether the tensor was made by the user, not computed from others that require gradients.</summary>
    public bool is_leaf
    {
        get
        {
            Native.Check(Native.colony_is_leaf(Handle, out var leaf));
            return leaf;
        }
    }

    /// <summary>
    /// The gradient collected by backward passes, or null. Each read gives a new wrapper of the same native tensor, so
    /// changing it in place changes the gradient; setting null clears it.
    /// </summary>
    public Tensor? grad
    {
        get
        {
            Native.Check(Native.colony_grad(Handle, out var gradient));
            return gradient.IsInvalid ? null : new Tensor(gradient);
        }
        set => Native.Check(Native.colony_set_grad(Handle, value?.Handle ?? TensorHandle.None));
    }

    /// <summary>Asks for gradients, or stops asking; returns the tensor itself.</summary>
    public Tensor requires_grad_(bool requires_grad = true)
    {
        Native.Check(Native.colony_requires_grad_(Handle, requires_grad));
        return this;
    }

    /// <summary>The same memory, cut off from the graph.</summary>
    public Tensor detach() => Native.Give(Native.colony_detach(Handle, out var result), result);

    /// <summary>
    /// Adds the gradient of this tensor to <see cref="grad"/> of all leaves below it. A single number starts with
    /// gradient 1; any other tensor needs one of its own shape.
    /// </summary>
    /// <param name="gradient">The gradient of the loss with respect to this tensor.</param>
    /// <param name="retain_graph">Keeps the graph for another pass.</param>
    public void backward(Tensor? gradient = null, bool retain_graph = false) =>
        torch.autograd.backward([this], [gradient], retain_graph);

    /// <summary>
    /// Replaces memory and device under the same variable: modules, optimizers and graphs keep their reference.
    /// </summary>
    public void set_data(Tensor data) => Native.Check(Native.colony_set_data(Handle, data.Handle));
}
