using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>TERN's position encoding of regions, from the box and its area (models.md 1A, forward step 3).</summary>
internal sealed class BoxEncoding : torch.nn.Module
{
    private const long BoxNumbers = 5;

    private readonly Linear first;
    private readonly Linear? second;

    public BoxEncoding(long width, bool concat)
    {
        if (!concat)
        {
            first = torch.nn.Linear(BoxNumbers, width);
            register_module("map", first);
            return;
        }

        first = torch.nn.Linear(width + BoxNumbers, width);
        second = torch.nn.Linear(width, width);
        var map = new Group();
        map.register_module("0", first);
        map.register_module("2", second);
        register_module("map", map);
    }

    /// <param name="features">[b, R, D].</param>
    /// <param name="boxes">[b, R, 4].</param>
    /// <returns>[R, b, D]. With the MLP it replaces the features: the zero row becomes the learned I-CLS.</returns>
    public Tensor forward(Tensor features, Tensor boxes)
    {
        using var scope = torch.NewDisposeScope();
        var areas = Area(boxes);
        var sequence = features.transpose(0, 1);
        if (second is null)
        {
            var places = first.forward(torch.cat([boxes, areas], 2));
            return scope.MoveToOuter((sequence + places.transpose(0, 1)).contiguous());
        }

        var joined = torch.cat([sequence, boxes.transpose(0, 1), areas.transpose(0, 1)], 2);
        return scope.MoveToOuter(second.forward(torch.nn.functional.relu(first.forward(joined))));
    }

    /// <summary>[b, R, 4] to [b, R, 1]: the area of each box.</summary>
    public static Tensor Area(Tensor boxes)
    {
        using var scope = torch.NewDisposeScope();
        var from = boxes.narrow(2, 0, 2);
        var sides = boxes.narrow(2, 2, 2) - from;
        return scope.MoveToOuter(sides.narrow(2, 0, 1) * sides.narrow(2, 1, 1));
    }
}
