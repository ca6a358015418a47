namespace Colony.Model;

/// <summary>Options of a model that cannot take captions of any length, for checks before anything is built.</summary>
public interface ICaptionLimit
{
    /// <summary>The most positions of a caption, those that stand for no word (start, end, <c>[CLS]</c>, a zero row)
    /// included; 0: any.</summary>
    int LongestCaption { get; }
}
