using System.Text;

namespace Colony.Model.Tests;

/// <summary>Hugging Face's configuration of a BERT.</summary>
public sealed class BertConfigurationTests
{
    /// <summary>bert-base-uncased, as published.</summary>
    private const string Base = """
        {
          "architectures": ["BertForMaskedLM"], "attention_probs_dropout_prob": 0.1, "gradient_checkpointing": false,
          "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 768, "initializer_range": 0.02,
          "intermediate_size": 3072, "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "model_type": "bert",
          "num_attention_heads": 12, "num_hidden_layers": 12, "pad_token_id": 0,
          "position_embedding_type": "absolute", "transformers_version": "4.6.0.dev0", "type_vocab_size": 2,
          "use_cache": true, "vocab_size": 30522
        }
        """;

    [Fact]
    public void The_published_configuration_is_read_whole() => Assert.Equal(
        new BertConfiguration(30522, 768, 12, 12, 3072, 512, 2, 1e-12, "gelu", 0.1, 0.1), Read(Base));

    [Fact]
    public void Published_models_differ_from_it_in_nothing()
    {
        var read = Read(Base);
        Assert.Empty(read.Differences(new HremOptions()));
        Assert.Empty(read.Differences(new CameraOptions()));
        Assert.Empty(read.Differences(new VseInfinityOptions()));
        Assert.Empty(read.Differences(new TernOptions { Text = "bert" }));
    }

    [Fact]
    public void All_differences_are_told_at_once()
    {
        var options = new HremOptions { BertHeads = 8, BertLayers = 13, BertMaxPositions = 64 };
        Assert.Equal(
            [
                "num_attention_heads is 12 and the job's BERT has 8",
                "max_position_embeddings is 512 and the job's BERT has 64",
                "num_hidden_layers is 12 and the job's BERT has 13",
            ],
            Read(Base).Differences(options));
    }

    [Theory]
    [InlineData("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"swish\"", "hidden_act is swish")]
    [InlineData("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"gelu_new\"", "hidden_act is gelu_new")]
    [InlineData("\"hidden_act\": \"gelu\"", "\"hidden_act\": 3", "hidden_act is 3")]
    [InlineData("\"model_type\": \"bert\"", "\"model_type\": \"roberta\"", "model_type is roberta")]
    [InlineData("\"absolute\"", "\"relative_key\"", "position_embedding_type is relative_key")]
    [InlineData("\"hidden_size\": 768,", "", "hidden_size is absent")]
    [InlineData("\"hidden_size\": 768", "\"hidden_size\": -4", "hidden_size is -4")]
    [InlineData("\"hidden_size\": 768", "\"hidden_size\": 99999999999", "hidden_size is 99999999999")]
    [InlineData("\"num_attention_heads\": 12", "\"num_attention_heads\": 7", "num_attention_heads is 7")]
    [InlineData("\"pad_token_id\": 0", "\"pad_token_id\": 1", "pad_token_id is 1")]
    [InlineData("\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": \"small\"", "layer_norm_eps is")]
    [InlineData("\"use_cache\": true,", "\"use_cache\": true", "is not JSON")]
    public void What_is_no_bert_of_ours_is_refused_in_one_line(string part, string instead, string expected)
    {
        Assert.Contains(part, Base, StringComparison.Ordinal);
        var error = Assert.Throws<ArgumentException>(
            () => Read(Base.Replace(part, instead, StringComparison.Ordinal)));
        Assert.StartsWith("bert/config.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static BertConfiguration Read(string json) =>
        BertConfiguration.Parse(Encoding.UTF8.GetBytes(json), "bert/config.json");
}
