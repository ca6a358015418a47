using System.Globalization;
using System.Text;

namespace Colony.Data;

/// <summary>Draws a scene as SVG: a background for the setting, then the objects from back to front with their
/// shadows.</summary>
internal static class SceneDrawing
{
    private const double Horizon = 214;

    public static string Draw(Scene scene)
    {
        var svg = new StringBuilder(4096);
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Scene.Width} {Scene.Height}\" role=\"img\">\n");
        Background(svg, scene.Setting);
        foreach (var item in scene.Objects.OrderBy(o => o.Y2))
        {
            if (!item.Kind.InSky)
            {
                var half = (item.X2 - item.X1) * 0.46;
                svg.Append(CultureInfo.InvariantCulture,
                    $"<ellipse cx=\"{item.CentreX:F1}\" cy=\"{item.Y2 - 1:F1}\" rx=\"{half:F1}\" ")
                    .Append(CultureInfo.InvariantCulture, $"ry=\"{half * 0.16:F1}\" ")
                    .Append("fill=\"#102030\" opacity=\".22\"/>\n");
            }

            var scale = (item.X2 - item.X1) / item.Kind.Width;
            svg.Append(CultureInfo.InvariantCulture,
                    $"<g transform=\"translate({item.X1:F1} {item.Y1:F1}) scale({scale:F3})\" ")
                .Append(CultureInfo.InvariantCulture, $"stroke=\"{item.Colour.Dark}\" stroke-width=\"2.4\" ")
                .Append("stroke-linejoin=\"round\" stroke-linecap=\"round\">")
                .Append(CultureInfo.InvariantCulture, $"<title>{item.Signature}</title>")
                .Append(ObjectDrawings.Of(item.Kind.Name, item.Colour))
                .Append("</g>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Background(StringBuilder svg, Setting setting)
    {
        // Named by the setting, so that pages which put many drawings side by side have no two meanings for one name.
        svg.Append(CultureInfo.InvariantCulture, $"""
            <defs><linearGradient id="sky-{setting.Name}" x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stop-color="{setting.SkyTop}"/>
            <stop offset="1" stop-color="{setting.SkyBottom}"/></linearGradient></defs>
            <rect width="{Scene.Width}" height="{Horizon + 30}" fill="url(#sky-{setting.Name})"/>

            """);
        svg.Append(setting.Name switch
        {
            "night" => """
                <g fill="#fff" opacity=".7"><circle cx="60" cy="170" r="1.4"/>
                <circle cx="150" cy="22" r="1.2"/>
                <circle cx="232" cy="176" r="1.6"/>
                <circle cx="318" cy="14" r="1.3"/>
                <circle cx="402" cy="168" r="1.2"/>
                <circle cx="470" cy="20" r="1.6"/>
                <circle cx="560" cy="178" r="1.3"/>
                <circle cx="618" cy="60" r="1.4"/>
                <circle cx="14" cy="70" r="1.2"/></g>
                """,
            "sunset" => """<circle cx="320" cy="214" r="52" fill="#fff0b8" opacity=".85"/>""",
            "beach" => """
                <rect y="184" width="640" height="40" fill="#4aa8cf"/>
                <path d="M0 194h640M0 206h640" stroke="#d9f2fb" stroke-width="1.5" stroke-dasharray="28 22"
                  opacity=".7"/>
                """,
            "snow" => """
                <path d="M0 214L90 150 170 206 270 138 370 208 460 156 560 210 640 168V240H0Z" fill="#d3dfea"/>
                """,
            _ => """<path d="M0 214Q90 168 190 206T400 196 640 200V240H0Z" fill="#a7d78a"/>""",
        });
        svg.Append(CultureInfo.InvariantCulture, $"""

            <path d="M0 {Horizon}Q160 {Horizon - 12} 320 {Horizon}T640 {Horizon}V480H0Z" fill="{setting.Land}"/>
            <path d="M0 340Q180 322 340 338T640 330V480H0Z" fill="{setting.LandDark}" opacity=".45"/>

            """);
    }
}
