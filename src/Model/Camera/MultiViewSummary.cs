using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>CAMERA's multi-view summarisation: convolutions of several widths and dilations over the regions in their
/// order give each region a weight in each view.</summary>
internal sealed class MultiViewSummary : torch.nn.Module
{
    /// <summary>Channels, kernel, dilation, padding; the number of regions stays the same.</summary>
    private static readonly (long Channels, long Kernel, long Dilation, long Padding)[] Shapes =
    [
        (256, 1, 1, 0), (128, 3, 1, 1), (128, 3, 2, 2), (128, 3, 3, 3), (128, 5, 1, 2), (128, 5, 2, 4), (128, 5, 3, 6),
    ];

    private readonly Conv1d[] convolutions;
    private readonly Linear views;

    public MultiViewSummary(long width, long count)
    {
        convolutions = Array.ConvertAll(Shapes, shape => torch.nn.Conv1d(
            width, shape.Channels, shape.Kernel, padding: shape.Padding, dilation: shape.Dilation));
        views = torch.nn.Linear(Shapes.Sum(shape => shape.Channels), count);
        var list = new Group();
        for (var i = 0; i < convolutions.Length; i++)
        {
            list.register_module($"{i}", convolutions[i]);
        }

        register_module("convs_dilate", list);
        register_module("convs_fc", views);
    }

    /// <param name="regions">[b, R, width].</param>
    /// <returns>[b, R, K], before any softmax.</returns>
    public Tensor forward(Tensor regions)
    {
        using var scope = torch.NewDisposeScope();
        var channels = regions.transpose(1, 2).contiguous();
        var seen = Array.ConvertAll(convolutions, layer => torch.nn.functional.relu(layer.forward(channels)));
        return scope.MoveToOuter(views.forward(torch.cat(seen, 1).transpose(1, 2)));
    }
}
