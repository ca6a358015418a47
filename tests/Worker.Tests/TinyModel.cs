using Colony.Model;
using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>
/// Two small towers of a linear layer, batch normalization where it is asked for, dropout and another linear layer. It
/// has parameters, buffers of both kinds and a random stream: everything that a step can get wrong.
/// </summary>
internal sealed class TinyModel : IEncoder
{
    private readonly Towers _towers;

    public TinyModel(int width, bool normalize, double dropout, bool idle = false)
    {
        torch.manual_seed(7);
        _towers = new Towers(width, normalize, dropout, idle);
    }

    public torch.nn.Module Module => _towers;

    public NamedTensors Encode(NamedTensors batch)
    {
        var outputs = new NamedTensors();
        outputs.Add(TensorNames.ImageEmbeddings, EncodeImages(batch));
        outputs.Add(TensorNames.CaptionEmbeddings, EncodeCaptions(batch));
        return outputs;
    }

    public Tensor EncodeImages(NamedTensors batch) => _towers.Image.forward(batch["image"]);

    public Tensor EncodeCaptions(NamedTensors batch) => _towers.Caption.forward(batch["caption"]);

    public void Dispose() => _towers.Dispose();

    private sealed class Towers : torch.nn.Module
    {
        public Towers(int width, bool normalize, double dropout, bool idle)
        {
            Image = register_module("image", new Tower(width, normalize, dropout));
            Caption = register_module("caption", new Tower(width, normalize, dropout));
            if (idle)
            {
                // No loss reaches it.
                register_module("idle", torch.nn.Linear(width, width));
            }
        }

        public Tower Image { get; }

        public Tower Caption { get; }
    }

    private sealed class Tower : torch.nn.Module<Tensor, Tensor>
    {
        private readonly torch.nn.Module<Tensor, Tensor>[] _layers;

        public Tower(int width, bool normalize, double dropout)
        {
            _layers =
            [
                register_module("first", torch.nn.Linear(width, width)),
                .. normalize ? [register_module("norm", torch.nn.BatchNorm1d(width))] : Nothing,
                register_module("dropout", torch.nn.Dropout(dropout)),
                register_module("second", torch.nn.Linear(width, width)),
            ];
        }

        private static torch.nn.Module<Tensor, Tensor>[] Nothing => [];

        public override Tensor forward(Tensor input) => _layers.Aggregate(input, (x, layer) => layer.forward(x));
    }
}
