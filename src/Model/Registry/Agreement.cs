namespace Colony.Model;

/// <summary>Whether a model and an objective that are each sound go together, where nothing else would notice: a wrong
/// measure trains too, to worse results.</summary>
public static class Agreement
{
    private const string Views = "views";
    private const string Order = "order";

    /// <summary>What is wrong, with the cure; null when they go together.</summary>
    /// <param name="model">The model's options.</param>
    /// <param name="objective">The objective's options.</param>
    public static string? Problem(object model, object objective)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(objective);
        return objective switch
        {
            HingeOptions o => Problem(model, o.Measure),
            SelfAlignOptions o => Problem(model, o.Measure) ?? Problem(model, o.EmbedSize),
            HremObjectiveOptions o => Problem(model, o.EmbedSize),
            _ => null,
        };
    }

    private static string? Problem(object model, string measure) => model switch
    {
        CameraOptions m when measure != Views =>
            $"objective.measure is {measure}, and the model gives {m.Views} views of an image; write "
            + $"objective.measure: {Views}",
        not CameraOptions when measure == Views =>
            $"objective.measure is {Views}, and the model gives one vector of an image; write objective.measure: dot",
        TernOptions m when (m.Measure == Order) != measure.StartsWith(Order, StringComparison.Ordinal) =>
            $"objective.measure is {measure}, and model.measure is {m.Measure}; write the same for both",
        VseOptions { Absolute: true } when measure == "dot" =>
            $"model.absolute is true, as order embeddings have it, and objective.measure is {measure}; write "
            + "objective.measure: order, or order_penalty",
        _ => null,
    };

    private static string? Problem(object model, int size) => SizeOf(model) is { } own && own != size
        ? $"objective.embed_size is {size}, and the model's embeddings have {own} values; write objective.embed_size: "
            + $"{own}"
        : null;

    private static int? SizeOf(object model) => model switch
    {
        CameraOptions m => m.EmbedSize,
        VsrnOptions m => m.EmbedSize,
        HremOptions m => m.EmbedSize,
        _ => null,
    };
}
