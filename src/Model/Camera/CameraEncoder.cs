using Colony.Torch;

namespace Colony.Model;

/// <summary>CAMERA (models.md 5A). An image's views lie side by side in its row; the diversity term is a sum over
/// images, so each slice adds its own.</summary>
internal sealed class CameraEncoder : torch.nn.Module, IEncoder, IProbed
{
    private readonly CameraOptions options;
    private readonly CameraImageEncoder images;
    private readonly CameraTextEncoder captions;

    public CameraEncoder(CameraOptions options, ModelInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        images = new CameraImageEncoder(options, inputs);
        captions = new CameraTextEncoder(options, inputs, aligned: false);
        register_module("img_enc", images);
        register_module("txt_enc", captions);
    }

    public torch.nn.Module Module => this;

    public Action<string, Tensor>? Probe
    {
        get => images.Probe;
        set => (images.Probe, captions.Probe) = (value, value);
    }

    public NamedTensors Encode(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        var result = new NamedTensors();
        var seen = images.forward(batch);
        result.Add(TensorNames.CaptionEmbeddings, EncodeCaptions(batch));
        result.Add(TensorNames.ImageEmbeddings, Row(seen.Views));
        images.AddDiversity(seen.Summary, options.DiversityWeight, result);
        return result.MoveToOuterDisposeScope();
    }

    public Tensor EncodeImages(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(Row(images.forward(batch).Views));
    }

    public Tensor EncodeCaptions(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(captions.forward(batch).Embedding);
    }

    private static Tensor Row(Tensor views) => views.reshape(views.shape[0], -1);
}
