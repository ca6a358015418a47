using System.Text;

namespace Colony.Evaluator;

/// <summary>A picture on a page: a drawing that travels inside it, or a link to a file.</summary>
public abstract record Picture
{
    private Picture()
    {
    }

    /// <summary>What the <c>src</c> of an image element says, not yet escaped.</summary>
    internal abstract string Source { get; }

    /// <summary>A drawing. It is shown as an image, so nothing inside it can run or reach outside.</summary>
    /// <param name="Svg">A whole SVG document.</param>
    public sealed record Drawing(string Svg) : Picture
    {
        internal override string Source =>
            "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(Svg));
    }

    /// <summary>A link to a picture file.</summary>
    /// <param name="Address">A path relative to the page, or an address.</param>
    public sealed record Link(string Address) : Picture
    {
        internal override string Source => Address;
    }
}
