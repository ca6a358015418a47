namespace Colony.Data;

/// <summary>An object of a scene and its box, in pixels of the canvas.</summary>
internal sealed record SceneObject(
    Kind Kind, Colour Colour, ObjectSize Size, double X1, double Y1, double X2, double Y2)
{
    public double CentreX => (X1 + X2) / 2;

    public double CentreY => (Y1 + Y2) / 2;

    public string Signature => $"{Size.Name} {Colour.Name} {Kind.Name}";
}

/// <summary>How one object lies to another.</summary>
internal enum Relation
{
    LeftOf,
    RightOf,
    Above,
    Below,
    NextTo,
}

/// <summary>A picture: one to four objects somewhere.</summary>
internal sealed record Scene(Setting Setting, IReadOnlyList<SceneObject> Objects)
{
    public const int Width = 640;

    public const int Height = 480;

    public const int MaxObjects = 4;

    /// <summary>Columns are this wide, so two objects whose centres are less than 1.5 of it apart are
    /// neighbours.</summary>
    public const double ColumnWidth = Width / 4.0;

    /// <summary>
    /// What the scene holds, without places: two scenes with one signature would be told apart by relations alone,
    /// so a world has each signature once, and a test scene never has the contents of a training scene.
    /// </summary>
    public string Signature
        => Setting.Name + ": " + string.Join(", ", Objects.Select(o => o.Signature).Order(StringComparer.Ordinal));

    /// <summary>The relations that hold between two objects, as one would say them of the picture.</summary>
    public static IReadOnlyList<Relation> Relations(SceneObject a, SceneObject b)
    {
        var dx = b.CentreX - a.CentreX;
        var dy = b.CentreY - a.CentreY;
        var relations = new List<Relation>();
        if (Math.Abs(dy) > Height / 5.0)
        {
            relations.Add(dy > 0 ? Relation.Above : Relation.Below);
        }

        if (Math.Abs(dx) > ColumnWidth / 2)
        {
            relations.Add(dx > 0 ? Relation.LeftOf : Relation.RightOf);
        }

        if (Math.Abs(dx) < 1.5 * ColumnWidth && Math.Abs(dy) < Height / 5.0)
        {
            relations.Add(Relation.NextTo);
        }

        return relations;
    }
}
