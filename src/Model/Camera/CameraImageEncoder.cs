using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>What CAMERA's image branch makes of a slice.</summary>
/// <param name="Concepts">Projected regions [b, R, E], normalised over the regions.</param>
/// <param name="Attended">Regions after attention [b, R, E].</param>
/// <param name="Summary">Weights of regions in views [b, R, K], before the softmax.</param>
/// <param name="Views">[b, K, E], of length 1.</param>
internal readonly record struct CameraImages(Tensor Concepts, Tensor Attended, Tensor Summary, Tensor Views);

/// <summary>CAMERA's image branch (models.md 5A).</summary>
internal sealed class CameraImageEncoder : torch.nn.Module, IProbed
{
    private const int BoxNumbers = 6;

    /// <summary>Below any box's height. The published division by the height of an empty box, as padding has, gives no
    /// number.</summary>
    private const double Smallest = 1e-6;

    private readonly long featureDim;
    private readonly bool pixels;
    private readonly Linear projection;
    private readonly Linear place;
    private readonly GatedAttention attention;
    private readonly MultiViewSummary summary;

    public CameraImageEncoder(CameraOptions options, ModelInputs inputs)
    {
        (featureDim, pixels) = (inputs.FeatureDim, options.PixelBoxes);
        projection = Initial.Xavier(torch.nn.Linear(featureDim, options.EmbedSize));
        place = torch.nn.Linear(BoxNumbers, options.EmbedSize);
        attention = new GatedAttention(options.EmbedSize, options.Heads);
        summary = new MultiViewSummary(options.EmbedSize, options.Views);
        register_module("fc", projection);
        register_module("position_enc", new Group(("proj", place)));
        register_module("agsa", attention);
        register_module("mvs", summary);
    }

    public Action<string, Tensor>? Probe { get; set; }

    /// <summary>Encodes a batch, in the caller's scope.</summary>
    public CameraImages forward(NamedTensors batch)
    {
        // Both normalisations are over the regions: that is how it was published.
        var concepts = Normalization.Exact(
            projection.forward(Batch.Require(batch, TensorNames.Features, 3, featureDim)));
        var position = place.forward(Geometry(batch)).sigmoid();
        Probe?.Invoke("position", position);
        var attended = attention.forward(concepts, position);
        Probe?.Invoke("img_agsa", attended);
        var regions = Normalization.Exact(attended);
        var weights = summary.forward(regions);
        Probe?.Invoke("smry_mat", weights);
        var shares = torch.nn.functional.softmax(weights, 1);
        var views = torch.matmul(shares.transpose(1, 2), regions);
        return new CameraImages(concepts, attended, weights, Normalization.Guarded(views));
    }

    /// <summary>Adds the diversity of an image's views to what a slice gives: it is a sum over images, so each slice
    /// adds its own. In the caller's scope.</summary>
    /// <param name="summary">Weights of regions in views.</param>
    /// <param name="weight">Its weight in the loss.</param>
    /// <param name="result">Receives it as <c>extra_loss</c>.</param>
    public void AddDiversity(Tensor summary, double weight, NamedTensors result)
    {
        var likeness = Likeness(summary);
        Probe?.Invoke("loss/diversity", likeness);
        result.Add(TensorNames.ExtraLoss, likeness * weight);
    }

    /// <summary>How alike the views' weights are: || N^T N - I ||^2 of each image, summed over the slice.</summary>
    private static Tensor Likeness(Tensor summary)
    {
        using var scope = torch.NewDisposeScope();
        var columns = torch.nn.functional.normalize(summary, dim: 1);
        var alike = torch.matmul(columns.transpose(1, 2), columns);
        var self = torch.eye(summary.shape[2], device: summary.device);
        return scope.MoveToOuter((alike - self).square().sum());
    }

    /// <summary>[b, R, 6]: x1, y1, width, height and area as fractions of the image, and width over height in pixels,
    /// or in fractions where boxes are fractions and the images' sizes are not known.</summary>
    private Tensor Geometry(NamedTensors batch)
    {
        var boxes = Batch.Require(batch, TensorNames.Boxes, 3, 4);
        var (x, y) = (boxes.narrow(2, 0, 1), boxes.narrow(2, 1, 1));
        var (w, h) = (boxes.narrow(2, 2, 1) - x, boxes.narrow(2, 3, 1) - y);
        var ratio = w / h.clamp(min: Smallest);
        if (!pixels && !batch.TryGet(TensorNames.ImageSizes, out _))
        {
            return torch.cat([x, y, w, h, ratio, w * h], 2);
        }

        var sizes = Batch.Require(batch, TensorNames.ImageSizes, 2, 2).unsqueeze(1);
        var (wide, high) = (sizes.narrow(2, 0, 1), sizes.narrow(2, 1, 1));
        return pixels
            ? torch.cat([x / wide, y / high, w / wide, h / high, ratio, w * h / (wide * high)], 2)
            : torch.cat([x, y, w, h, ratio * (wide / high), w * h], 2);
    }
}
