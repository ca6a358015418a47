using Colony.Torch;

namespace Colony.Model;

/// <summary>Scores of images (rows) with captions (columns).</summary>
internal static class Similarity
{
    /// <summary>The score that a measure names.</summary>
    public static Tensor Scores(string measure, Tensor images, Tensor captions) => measure switch
    {
        "dot" => Dot(images, captions),
        "order" => Order(images, captions),
        "order_penalty" => OrderPenalty(images, captions),
        "views" => Views(images, captions),
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

    /// <summary>Minus the order-violation penalty of Vendrov et al. 2016 (models.md 3A): the squared length of
    /// max(0, caption - image), without the root that VSE++ and TERN take.</summary>
    public static Tensor OrderPenalty(Tensor images, Tensor captions)
    {
        using var scope = torch.NewDisposeScope();
        var violation = (captions.unsqueeze(0) - images.unsqueeze(1)).clamp(min: 0);
        return scope.MoveToOuter(violation.square().sum(2).neg());
    }

    /// <summary>CAMERA's score (models.md 5A): the best of the views that an image's row holds side by side, each as
    /// wide as a caption.</summary>
    /// <param name="images">[N, K * E].</param>
    /// <param name="captions">[M, E].</param>
    public static Tensor Views(Tensor images, Tensor captions)
    {
        var (all, width) = (images.shape[1], captions.shape[1]);
        if (all % width != 0)
        {
            throw new ArgumentException(
                $"Images of {all} values are no views of {width} values each, as captions have.", nameof(images));
        }

        using var scope = torch.NewDisposeScope();
        var scores = torch.matmul(images.reshape(-1, width), captions.transpose(0, 1));
        return scope.MoveToOuter(scores.view(images.shape[0], all / width, -1).max(1).values);
    }
}
