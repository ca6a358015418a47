using Colony.Torch;

namespace Colony.Model;

/// <summary>Something whose intermediate tensors a test can see.</summary>
internal interface IProbed
{
    /// <summary>Sees intermediate tensors under their published names, and parts of a loss as <c>loss/name</c>, where a
    /// test asks for them.</summary>
    Action<string, Tensor>? Probe { get; set; }
}
