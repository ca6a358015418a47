namespace Colony.Model;

/// <summary>What a file of imported weights says of itself in its metadata.</summary>
public static class ImportedWeights
{
    /// <summary>The model that the weights are of, as job files name it.</summary>
    public const string ModelKey = "colony_model";

    /// <summary>How much of the model is in the file.</summary>
    public const string PartKey = "colony_part";

    /// <summary>Names that are for published code alone, one a line: no model here has them.</summary>
    public const string RestKey = "colony_rest";

    /// <summary>Value of <see cref="PartKey"/>: all parameters and buffers.</summary>
    public const string WholePart = "all";

    /// <summary>Value of <see cref="PartKey"/>: some of them; the rest keeps its initial values.</summary>
    public const string SomePart = "some";
}
