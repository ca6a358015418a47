using Colony.Testing.Npy;
using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>SelfAlign's losses alone, on given features.</summary>
public sealed class SelfAlignGoldenTests
{
    public static TheoryData<string> Files => GoldenFolder.Files("selfalign_losses*.npz");

    [Theory]
    [MemberData(nameof(Files))]
    public void Concept_and_context_losses_agree_with_their_gradients(string file)
    {
        using var scope = torch.NewDisposeScope();
        var numbers = GoldenFolder.Open(file);
        var tolerances = Tolerances.Of(file);
        var inputs = numbers.Under("input/").ToDictionary(pair => pair.Name, pair => Arrays.Tensor(pair.Array));
        foreach (var name in new[] { "t_feats", "keys", "query" })
        {
            inputs[name].requires_grad_();
        }

        using var two = Prototypes(numbers, 2);
        using var three = Prototypes(numbers, 3);
        var temperature = numbers["meta/temperature"].Scalar();
        var all = ContextContrast.Loss(inputs["keys"], inputs["query"], temperature, 0);
        var hard = ContextContrast.Loss(
            inputs["keys"], inputs["query"], temperature, (int)numbers["meta/neg_num"].Scalar());
        var (first, second) = (Concept(two, 2), Concept(three, 3));
        Near("loss/context_all", all, tolerances.Loss);
        Near("loss/context_hard", hard, tolerances.Loss);
        var total = first + (second * 2) + (all * 3) + (hard * 4);
        Near("loss/total", total, tolerances.Loss * 10);
        total.backward();
        foreach (var name in new[] { "t_feats", "keys", "query" })
        {
            Slope($"input/{name}", inputs[name].grad!);
        }

        Slope("sinkhorn2.v_prototypes.weight", two.parameters().Single().grad!);
        Slope("sinkhorn3.v_prototypes.weight", three.parameters().Single().grad!);

        Tensor Concept(Concepts concepts, int rounds)
        {
            var loss = concepts.Loss(
                inputs["v_feats"], inputs["t_feats"], inputs["t_lengths"].to_type(ScalarType.Float32),
                (name, tensor) => Near($"output/{name}{rounds}", tensor, tolerances.Output));
            Near($"loss/concept_sinkhorn{rounds}", loss, tolerances.Loss);
            concepts.Normalize();
            Near($"output/prototypes_normalised{rounds}", concepts.parameters().Single(), tolerances.Output);
            return loss;
        }

        void Near(string name, Tensor found, double tolerance) =>
            Arrays.Near(numbers[name].ToDoubles(), Arrays.Doubles(found), tolerance, name);

        void Slope(string name, Tensor found)
        {
            var expected = numbers[$"grad/{name}"].ToDoubles();
            Arrays.Near(
                expected, Arrays.Doubles(found), tolerances.Gradient * expected.Max(Math.Abs), $"grad/{name}");
        }
    }

    private static Concepts Prototypes(NpzFile numbers, int rounds)
    {
        var concepts = new Concepts(new SelfAlignOptions
        {
            EmbedSize = (int)numbers["meta/dim"].Scalar(),
            Prototypes = (int)numbers["meta/prototypes"].Scalar(),
            SinkhornIterations = rounds,
            SinkhornEpsilon = numbers["meta/epsilon"].Scalar(),
            ConceptTemperature = numbers["meta/student_temp"].Scalar(),
        });
        concepts.load_state_dict(numbers.Under($"param/sinkhorn{rounds}.")
            .ToDictionary(pair => pair.Name, pair => Arrays.Tensor(pair.Array)));
        return concepts;
    }
}
