using Colony.Torch;

namespace Colony.Model;

/// <summary>Scores of images (rows) with captions (columns).</summary>
internal static class Similarity
{
    /// <summary>The score that a measure names: <c>dot</c> or <c>order</c>.</summary>
    public static Tensor Scores(string measure, Tensor images, Tensor captions) => measure switch
    {
        "dot" => Dot(images, captions),
        "order" => Order(images, captions),
        _ => throw new ArgumentException($"Unknown measure '{measure}'.", nameof(measure)),
    };

    /// <summary>Products of the rows; cosines, where those have length 1.</summary>
    public static Tensor Dot(Tensor images, Tensor captions)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(torch.matmul(images, captions.transpose(0, 1)));
    }

    /// <summary>Order similarity of VSE++ and TERN (models.md 3C): minus the length of max(0, caption - image). A pair
    /// without violation scores 0 and gets a gradient of 0, where the published code's is undefined.</summary>
    public static Tensor Order(Tensor images, Tensor captions)
    {
        using var scope = torch.NewDisposeScope();
        var violation = (captions.unsqueeze(0) - images.unsqueeze(1)).clamp(min: 0);
        var squares = violation.pow(2).sum(2);
        var none = squares.eq(0);
        return scope.MoveToOuter(squares.masked_fill(none, 1).sqrt().masked_fill(none, 0).neg());
    }
}
