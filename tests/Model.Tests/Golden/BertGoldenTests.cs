using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>BERT alone: every hidden state, the pooler, types and mask, and all gradients.</summary>
public sealed class BertGoldenTests
{
    private const double SmallGradient = 1e-3;

    public static TheoryData<string> Files => GoldenFolder.Files("bert*.npz");

    [Theory]
    [MemberData(nameof(Files))]
    public void Hidden_states_pooler_and_gradients_agree(string file)
    {
        using var scope = torch.NewDisposeScope();
        var numbers = GoldenFolder.Open(file);
        var tolerances = Tolerances.Of(file);
        using var bert = new BertModel(Shape(numbers), dropout: 0, pooler: true);
        bert.load_state_dict(
            numbers.Under("param/").ToDictionary(pair => pair.Name, pair => Arrays.Tensor(pair.Array)));
        bert.Probe = (name, hidden) => Near($"output/{name}", hidden.transpose(0, 1));
        var ids = Arrays.Tensor(numbers["input/input_ids"]);
        var valid = Arrays.Tensor(numbers["input/attention_mask"]);
        using var mask = PaddingMask.Of(valid.sum([1]), ids.shape[1], "attention_mask");
        var last = bert.forward(ids, mask, Arrays.Tensor(numbers["input/token_type_ids"]));
        var pooled = bert.Pool(last);
        Near("output/pooled", pooled);
        var loss = (last.transpose(0, 1) * Arrays.Tensor(numbers["input/w_last"])).sum()
            + (pooled * Arrays.Tensor(numbers["input/w_pooled"])).sum();
        Arrays.Near(numbers["loss/total"].ToDoubles(), [loss.ToDouble()], tolerances.Loss, "loss/total");
        loss.backward();
        var largest = numbers.Under("grad/").Max(pair => pair.Array.ToDoubles().Max(Math.Abs));
        foreach (var (name, parameter) in bert.named_parameters())
        {
            var expected = numbers[$"grad/{name}"].ToDoubles();
            var scale = Math.Max(expected.Max(Math.Abs), SmallGradient * largest);
            Arrays.Near(expected, Arrays.Doubles(parameter.grad!), tolerances.Gradient * scale, $"grad/{name}");
        }

        void Near(string name, Tensor found) =>
            Arrays.Near(numbers[name].ToDoubles(), Arrays.Doubles(found), tolerances.Output, name);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Without_mask_and_types_all_pieces_are_seen_and_of_type_0(string file)
    {
        using var scope = torch.NewDisposeScope();
        var numbers = GoldenFolder.Open(file);
        using var bert = new BertModel(Shape(numbers), dropout: 0, pooler: true);
        bert.load_state_dict(
            numbers.Under("param/").ToDictionary(pair => pair.Name, pair => Arrays.Tensor(pair.Array)));
        var ids = Arrays.Tensor(numbers["input/input_ids"]);
        var (batch, length) = (ids.shape[0], ids.shape[1]);
        using var mask = PaddingMask.Of(torch.full([batch], length, ScalarType.Int64), length, "lengths");
        var last = bert.forward(ids, mask);
        var tolerance = Tolerances.Of(file).Output;
        Arrays.Near(
            numbers["output/nomask_last"].ToDoubles(), Arrays.Doubles(last.transpose(0, 1)), tolerance, "nomask_last");
        Arrays.Near(
            numbers["output/nomask_pooled"].ToDoubles(), Arrays.Doubles(bert.Pool(last)), tolerance, "nomask_pooled");
    }

    /// <summary>The shape by way of a configuration file, as Hugging Face writes it.</summary>
    private static BertShape Shape(Testing.Npy.NpzFile numbers)
    {
        int Meta(string name) => (int)numbers[$"meta/{name}"].Scalar();
        var json = FormattableString.Invariant($$"""
            {"architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu",
             "vocab_size": {{Meta("vocab")}}, "hidden_size": {{Meta("hidden")}},
             "num_hidden_layers": {{Meta("layers")}},
             "num_attention_heads": {{Meta("heads")}}, "intermediate_size": {{Meta("intermediate")}},
             "max_position_embeddings": {{Meta("max_positions")}}, "type_vocab_size": {{Meta("types")}},
             "layer_norm_eps": {{numbers["meta/layer_norm_eps"].Scalar()}}}
            """);
        return BertConfiguration.Parse(System.Text.Encoding.UTF8.GetBytes(json), "config.json").Shape with
        {
            AttentionDropout = 0,
        };
    }
}
