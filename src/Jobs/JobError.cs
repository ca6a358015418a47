using System.Globalization;

namespace Colony.Jobs;

/// <summary>
/// One thing wrong with a job: where it was written, what is wrong, and after a semicolon what to do about it.
/// </summary>
/// <param name="Source">The file name given to the parser, or <c>--set path=value</c> for an override.</param>
/// <param name="Line">Line in the file from 1; 0 for an override.</param>
/// <param name="Column">Column from 1; 0 for an override.</param>
/// <param name="Message">One line: what is wrong; the cure.</param>
public sealed record JobError(string Source, int Line, int Column, string Message)
{
    internal JobError(Place place, string message)
        : this(place.Source, place.Line, place.Column, message)
    {
    }

    /// <summary>The error as compilers write it: <c>file:line:column: message; cure</c>.</summary>
    public override string ToString() =>
        Line == 0
            ? $"{Source}: {Message}"
            : string.Create(CultureInfo.InvariantCulture, $"{Source}:{Line}:{Column}: {Message}");
}
