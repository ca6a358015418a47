namespace Colony.Data;

/// <summary>
/// One drawing a kind, in the kind's own box (<see cref="Kind.Width"/> by <see cref="Kind.Height"/>), feet on its
/// lower edge.
/// </summary>
internal static class ObjectDrawings
{
    private const string Ink = "#2b2b33";

    public static string Of(string kind, Colour colour)
    {
        var (c, d, l) = (colour.Tone, colour.Dark, colour.Light);
        return kind switch
        {
            "ball" => Ball(c, d, l),
            "box" => Box(c, d, l),
            "cup" => Cup(c, d, l),
            "dog" => Dog(c, d, l),
            "cat" => Cat(c, d, l),
            "tree" => Tree(c, d, l),
            "house" => House(c, d, l),
            "car" => Car(c, d, l),
            "flower" => Flower(colour),
            "umbrella" => Umbrella(c, d, l),
            "bird" => Bird(c, d, l),
            "star" => Star(c, l),
            "balloon" => Balloon(c, d, l),
            "airplane" => Airplane(c, d, l),
            "kite" => Kite(c, d, l),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no drawing of this kind."),
        };
    }

    private static string Ball(string c, string d, string l) => $"""
        <circle cx="50" cy="50" r="48" fill="{c}"/>
        <path d="M50 2C24 24 24 76 50 98C76 76 76 24 50 2Z" fill="{l}" stroke="none"/>
        <path d="M2 50C24 66 76 66 98 50" fill="none" stroke="{d}" opacity=".6"/>
        <circle cx="50" cy="50" r="48" fill="none"/>
        <ellipse cx="30" cy="26" rx="11" ry="7" fill="#fff" opacity=".6" stroke="none" transform="rotate(-35 30 26)"/>
        """;

    private static string Box(string c, string d, string l) => $"""
        <path d="M4 32H76V98H4Z" fill="{c}"/><path d="M4 32L24 8H96L76 32Z" fill="{l}"/>
        <path d="M76 32L96 8V74L76 98Z" fill="{d}"/>
        <path d="M34 32V98H46V32L64 8H54Z" fill="{l}" stroke="none" opacity=".75"/><path d="M4 32H76" fill="none"/>
        """;

    private static string Cup(string c, string d, string l) => $"""
        <path d="M74 34C102 26 102 72 70 70" fill="none" stroke="{d}" stroke-width="11"/>
        <path d="M74 34C102 26 102 72 70 70" fill="none" stroke="{c}" stroke-width="6"/>
        <path d="M8 16L17 90Q18 98 27 98H59Q68 98 69 90L78 16Z" fill="{c}"/>
        <ellipse cx="43" cy="16" rx="35" ry="11" fill="{l}"/>
        <ellipse cx="43" cy="19" rx="28" ry="7" fill="#5a3a26" stroke="none"/>
        <path d="M20 40L24 84" stroke="#fff" stroke-width="5" opacity=".55"/>
        """;

    private static string Dog(string c, string d, string l) => $"""
        <path d="M18 50C4 44 2 26 8 14" fill="none" stroke="{d}" stroke-width="11"/>
        <path d="M18 50C4 44 2 26 8 14" fill="none" stroke="{c}" stroke-width="7"/>
        <rect x="38" y="58" width="12" height="40" rx="6" fill="{d}"/>
        <rect x="66" y="58" width="12" height="40" rx="6" fill="{d}"/>
        <path d="M14 56C14 38 34 40 52 40C70 40 74 34 86 22L104 40C102 62 98 76 84 76H30C20 76 14 68 14 56Z"
          fill="{c}"/>
        <rect x="19" y="60" width="13" height="38" rx="6.5" fill="{c}"/>
        <rect x="83" y="58" width="13" height="40" rx="6.5" fill="{c}"/>
        <path d="M80 20C82 4 106 2 110 16L122 24C126 30 122 40 112 40H98C86 40 79 32 80 20Z" fill="{c}"/>
        <path d="M109 24L121 24C126 30 122 40 112 40H106Z" fill="{l}" stroke="none"/>
        <ellipse cx="120" cy="25" rx="5" ry="4" fill="{Ink}" stroke="none"/>
        <path d="M84 12C74 14 72 34 80 42C88 40 90 22 90 12Z" fill="{d}"/>
        <circle cx="102" cy="18" r="3.4" fill="{Ink}" stroke="none"/>
        <circle cx="103" cy="17" r="1.1" fill="#fff" stroke="none"/>
        <path d="M108 34Q114 37 119 34" fill="none" stroke="{Ink}" stroke-width="1.8"/>
        """;

    private static string Cat(string c, string d, string l) => $"""
        <path d="M74 100C100 100 98 70 90 58" fill="none" stroke="{d}" stroke-width="12"/>
        <path d="M74 100C100 100 98 70 90 58" fill="none" stroke="{c}" stroke-width="8"/>
        <path d="M50 50C26 54 16 84 20 110H80C84 84 74 54 50 50Z" fill="{c}"/>
        <path d="M50 66C38 70 34 92 38 110H62C66 92 62 70 50 66Z" fill="{l}" stroke="none"/>
        <path d="M50 84V110M34 110V96M66 110V96" fill="none"/><path d="M19 34L18 2L42 14Z" fill="{c}"/>
        <path d="M81 34L82 2L58 14Z" fill="{c}"/>
        <path d="M24 26L23 11L35 17ZM76 26L77 11L65 17Z" fill="{d}" stroke="none" opacity=".55"/>
        <ellipse cx="50" cy="38" rx="34" ry="28" fill="{c}"/>
        <ellipse cx="50" cy="50" rx="15" ry="11" fill="{l}" stroke="none"/>
        <ellipse cx="37" cy="35" rx="5" ry="6.5" fill="{Ink}" stroke="none"/>
        <ellipse cx="63" cy="35" rx="5" ry="6.5" fill="{Ink}" stroke="none"/>
        <circle cx="39" cy="33" r="1.8" fill="#fff" stroke="none"/>
        <circle cx="65" cy="33" r="1.8" fill="#fff" stroke="none"/>
        <path d="M46 45H54L50 50Z" fill="#e58a98" stroke="none"/>
        <path d="M50 50Q46 56 41 53M50 50Q54 56 59 53M30 48L8 44M30 52L8 54M70 48L92 44M70 52L92 54" fill="none"
          stroke="{Ink}" stroke-width="1.5"/>
        """;

    private static string Tree(string c, string d, string l) => $"""
        <path d="M39 120L42 66H50L53 120Z" fill="#7a4f2c" stroke="#4c2f18"/>
        <path d="M46 92L60 76" stroke="#4c2f18" stroke-width="4"/>
        <path d="M46 2C62 2 70 12 70 22C84 24 91 36 88 50C86 66 72 74 60 72C52 80 38 80 32 72C18 74 5 66 4 52
          C2 38 10 26 22 22C22 12 32 2 46 2Z" fill="{c}"/>
        <path d="M24 30C26 18 40 10 52 14M14 48C16 40 22 36 28 36" fill="none" stroke="{l}" stroke-width="5"/>
        <path d="M60 60C68 62 76 56 78 48M36 62C42 68 52 68 56 62" fill="none" stroke="{d}" stroke-width="3"
          opacity=".5"/>
        """;

    private static string House(string c, string d, string l) => $"""
        <rect x="78" y="10" width="13" height="30" fill="{d}"/><rect x="14" y="46" width="84" height="57" fill="{c}"/>
        <path d="M2 50L56 4L110 50Z" fill="{d}"/>
        <path d="M14 47L56 12L98 47" fill="none" stroke="{l}" stroke-width="2" opacity=".6"/>
        <path d="M46 103V74Q46 66 56 66Q66 66 66 74V103Z" fill="#6b4a33" stroke="{Ink}" stroke-width="1.6"/>
        <circle cx="62" cy="87" r="1.8" fill="#f7d038" stroke="none"/>
        <g fill="#dff1fb" stroke="{d}"><rect x="22" y="60" width="17" height="18"/>
        <rect x="73" y="60" width="17" height="18"/></g>
        <path d="M30.500 60V78M22 69H39M81.500 60V78M73 69H90" fill="none" stroke-width="1.600"/>
        <circle cx="56" cy="34" r="7" fill="#dff1fb"/>
        """;

    private static string Car(string c, string d, string l) => $"""
        <path d="M4 54V42C4 34 14 32 28 30L44 10C46 7 49 6 53 6H82C87 6 90 8 93 12L106 30C120 32 128 36 128 46V54
          Q128 58 124 58H8Q4 58 4 54Z" fill="{c}"/>
        <path d="M48 13L36 30H66V12H52Q49 12 48 13ZM72 12V30H98L88 15Q86 12 82 12Z" fill="#d4ecf7"/>
        <path d="M69 32V56M28 32H106" fill="none" opacity=".55"/><path d="M74 38H82" stroke="{d}" stroke-width="3"/>
        <path d="M10 40H24" stroke="{l}" stroke-width="4"/>
        <path d="M120 40L127 42V47H121Z" fill="#fff2b0"/><path d="M5 42H10V48H5Z" fill="#d8423c" stroke="none"/>
        <g fill="{Ink}" stroke="none"><circle cx="32" cy="57" r="13"/><circle cx="100" cy="57" r="13"/></g>
        <g fill="#cfd5db" stroke="none"><circle cx="32" cy="57" r="6"/><circle cx="100" cy="57" r="6"/></g>
        """;

    private static string Flower(Colour colour)
    {
        var petals = string.Concat(Enumerable.Range(0, 8).Select(i =>
            $"<ellipse cx=\"42\" cy=\"16\" rx=\"11\" ry=\"15\" fill=\"{colour.Tone}\" "
            + $"transform=\"rotate({i * 45} 42 40)\"/>"));
        var heart = string.Equals(colour.Name, "yellow", StringComparison.Ordinal) ? "#8a5a2b" : "#f7d038";
        return $"""
            <path d="M42 44C40 70 44 92 42 115" fill="none" stroke="#2f7d3d" stroke-width="5"/>
            <path d="M42 92C28 94 16 84 12 70C28 70 40 78 42 92Z" fill="#4fae5f" stroke="#2f7d3d"/>
            <path d="M42 102C56 104 68 94 72 80C56 80 44 88 42 102Z" fill="#4fae5f" stroke="#2f7d3d"/>
            {petals}<circle cx="42" cy="40" r="12" fill="{heart}"/>
            <circle cx="39" cy="37" r="4" fill="#fff" opacity=".45" stroke="none"/>
            """;
    }

    private static string Umbrella(string c, string d, string l) => $"""
        <path d="M55 8V100Q55 110 65 110Q74 110 74 101" fill="none" stroke="#4b4f57" stroke-width="4.500"/>
        <path d="M55 10V2" stroke="#4b4f57" stroke-width="4"/>
        <path d="M3 60C4 26 30 8 55 8C80 8 106 26 107 60C100 52 88 52 81 60C74 52 62 52 55 60C48 52 36 52 29 60
          C22 52 10 52 3 60Z" fill="{c}"/>
        <path d="M55 8C38 20 30 40 29 60C36 52 48 52 55 60C62 52 74 52 81 60C80 40 72 20 55 8Z" fill="{l}"
          stroke="none" opacity=".8"/>
        <path d="M55 8C38 20 30 40 29 60M55 8C72 20 80 40 81 60M55 8V58" fill="none" stroke="{d}" stroke-width="1.800"/>
        """;

    private static string Bird(string c, string d, string l) => $"""
        <path d="M24 50L2 40L8 54L1 64L26 60Z" fill="{d}"/>
        <path d="M20 54C28 36 62 34 84 38C92 26 112 30 110 46C108 64 84 72 62 72C42 72 26 66 20 54Z" fill="{c}"/>
        <path d="M34 62C48 70 76 68 92 58C84 70 70 72 60 72C48 72 40 68 34 62Z" fill="{l}" stroke="none"/>
        <path d="M44 46C36 26 40 10 54 2C56 16 66 30 78 42C70 52 52 54 44 46Z" fill="{d}"/>
        <path d="M52 42C48 30 48 22 51 14M60 43C56 36 54 30 54 24" fill="none" stroke="{l}" stroke-width="2"/>
        <path d="M108 40L120 46L108 51Z" fill="#f2a02c" stroke="#a9660f" stroke-width="1.600"/>
        <circle cx="98" cy="41" r="3.600" fill="{Ink}" stroke="none"/>
        <circle cx="99" cy="40" r="1.200" fill="#fff" stroke="none"/>
        """;

    private static string Star(string c, string l) => $"""
        <path d="M50 2L63 33L97 36L71 58L79 92L50 74L21 92L29 58L3 36L37 33Z" fill="{c}" stroke-width="3"/>
        <path d="M50 16L59 38L50 52Z" fill="{l}" stroke="none"/>
        <path d="M50 52L30 56L37 42Z" fill="{l}" stroke="none" opacity=".7"/>
        """;

    private static string Balloon(string c, string d, string l) => $"""
        <path d="M35 84C30 98 42 108 34 127" fill="none" stroke="#6a6f78" stroke-width="1.800"/>
        <path d="M35 78L27 88H43Z" fill="{d}"/>
        <path d="M35 2C56 2 68 18 68 36C68 58 50 80 35 80C20 80 2 58 2 36C2 18 14 2 35 2Z" fill="{c}"/>
        <path d="M14 34C14 22 20 14 28 11" fill="none" stroke="{l}" stroke-width="6"/>
        <path d="M60 44C56 58 48 68 40 72" fill="none" stroke="{d}" stroke-width="3" opacity=".45"/>
        """;

    private static string Airplane(string c, string d, string l) => $"""
        <path d="M8 8H22L38 30H14Z" fill="{d}"/><path d="M60 30L48 8H60L86 30Z" fill="{d}" opacity=".85"/>
        <path d="M10 30H104C124 30 138 38 138 44C138 50 124 54 104 54H34C20 54 12 44 10 30Z" fill="{c}"/>
        <path d="M18 46C22 52 28 54 34 54H104C118 54 130 51 136 47C100 50 50 50 18 46Z" fill="{l}" stroke="none"/>
        <path d="M112 33C122 35 128 38 130 41H110Z" fill="#d4ecf7" stroke-width="1.600"/>
        <g fill="#d4ecf7" stroke-width="1.400"><circle cx="42" cy="39" r="3.600"/><circle cx="56" cy="39" r="3.600"/>
        <circle cx="70" cy="39" r="3.600"/><circle cx="84" cy="39" r="3.600"/><circle cx="98" cy="39" r="3.600"/></g>
        <path d="M54 46H84L58 71H44Z" fill="{d}"/><path d="M8 38H24L20 44H12Z" fill="{l}"/>
        """;

    private static string Kite(string c, string d, string l) => $"""
        <path d="M42 76C30 86 56 94 44 106C34 114 50 120 46 127" fill="none" stroke="#6a6f78" stroke-width="2"/>
        <path d="M46 90L34 84V96ZM46 90L58 84V96ZM42 110L30 105V116ZM42 110L54 105V116Z" fill="{d}"
          stroke-width="1.200"/>
        <path d="M42 2L82 34L42 78L2 34Z" fill="{c}"/><path d="M42 2L82 34H42Z" fill="{l}" stroke="none"/>
        <path d="M42 34L2 34L42 78Z" fill="{d}" stroke="none" opacity=".55"/>
        <path d="M42 2V78M2 34H82" fill="none" stroke-width="1.800"/><path d="M42 2L82 34L42 78L2 34Z" fill="none"/>
        """;
}
