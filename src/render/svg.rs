//! A drawing as SVG. Marks carry the class of their ink; the page, or a style of its own, gives the colours.

use super::html::escape;
use crate::report::model::{Anchor, Dash, Drawing, Figure, Ink, Mark};

/// The colours of all inks on light paper, then on dark.
const COLOURS: &[(&str, &str, &str)] = &[
    ("paper", "#ffffff", "#16181a"),
    ("text", "#1b1b1b", "#e8e8e8"),
    ("quiet", "#5b5b5b", "#a8a8a8"),
    ("grid", "#e3e3e3", "#303438"),
    ("axis", "#8a8a8a", "#7c8288"),
    ("fall", "#b3261e", "#ff8a7a"),
    ("repair", "#1f6f43", "#7fd6a2"),
    ("series0", "#0b5a94", "#6db6ea"),
    ("series1", "#c86400", "#f2a65a"),
    ("series2", "#00715a", "#4fc9a8"),
    ("series3", "#8a3f82", "#d79bcf"),
    ("step0", "#a04a00", "#c96a1a"),
    ("step1", "#d9781a", "#dd8c3f"),
    ("step2", "#f4b265", "#e2b07a"),
    ("step3", "#fbdcb4", "#e6d3bb"),
    ("step4", "#e6e6e6", "#d4d6d8"),
    ("step5", "#c9dff0", "#b9cfe0"),
    ("step6", "#8fbfe0", "#86b5d8"),
    ("step7", "#3f8cc4", "#4d94c8"),
    ("step8", "#0b5a94", "#2a75ae"),
    ("shade0", "#f4f7fa", "#1d2226"),
    ("shade1", "#e1ebf4", "#223140"),
    ("shade2", "#c9dcec", "#26405a"),
    ("shade3", "#a9c8e1", "#2c5173"),
    ("shade4", "#84b0d4", "#36658f"),
    ("shade5", "#5c94c4", "#457dac"),
    ("shade6", "#3c78ae", "#5d96c4"),
    ("shade7", "#225d93", "#83b3d9"),
    ("shade8", "#0b4274", "#b3d3ec"),
];

/// The class of an ink.
fn class(ink: Ink) -> String {
    match ink {
        Ink::Paper => "paper".to_owned(),
        Ink::Text => "text".to_owned(),
        Ink::Quiet => "quiet".to_owned(),
        Ink::Grid => "grid".to_owned(),
        Ink::Axis => "axis".to_owned(),
        Ink::Fall => "fall".to_owned(),
        Ink::Repair => "repair".to_owned(),
        Ink::Series(at) => format!("series{}", at % 4),
        Ink::Step(at) => format!("step{}", (at + 4).clamp(0, 8)),
        Ink::Shade(at) => format!("shade{}", at.min(8)),
    }
}

/// The rules of a page that give inks their colours: light, dark, and light again on printed paper.
pub(super) fn page_style() -> String {
    let names = |dark: bool| {
        let name = |(class, light, other): &(&str, &str, &str)| {
            format!("--i-{class}: {};", if dark { other } else { light })
        };
        COLOURS.iter().map(name).collect::<Vec<_>>().join(" ")
    };
    let mut style = format!(
        ":root {{ {} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {} }} }}\n",
        names(false),
        names(true)
    );
    for (class, ..) in COLOURS {
        style.push_str(&format!(
            ".f-{class} {{ fill: var(--i-{class}); }} .s-{class} {{ stroke: var(--i-{class}); }}\n"
        ));
    }
    style
}

/// The same for a picture that stands alone: on light paper.
fn own_style(drawing: &Drawing) -> String {
    let used = |class: &str| drawing.marks.iter().any(|mark| self::class(ink_of(mark)) == class);
    let mut style =
        "text { font-family: \"Helvetica Neue\", Arial, \"DejaVu Sans\", sans-serif; }\n".to_owned();
    for (class, light, _) in COLOURS.iter().filter(|(class, ..)| *class == "paper" || used(class)) {
        style.push_str(&format!(".f-{class} {{ fill: {light}; }} .s-{class} {{ stroke: {light}; }}\n"));
    }
    style
}

fn ink_of(mark: &Mark) -> Ink {
    match mark {
        Mark::Line { ink, .. }
        | Mark::Area { ink, .. }
        | Mark::Circle { ink, .. }
        | Mark::Words { ink, .. } => *ink,
    }
}

/// A figure as part of a page; `at` tells the figures of a page apart.
pub(super) fn inline(figure: &Figure, at: usize) -> String {
    let drawing = &figure.drawing;
    let mut out = format!(
        "<svg role=\"img\" aria-labelledby=\"f{at}t f{at}d\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\">\n\
         <title id=\"f{at}t\">{}</title><desc id=\"f{at}d\">{}</desc>\n",
        escape(&figure.title),
        escape(&figure.description),
        w = short(drawing.width),
        h = short(drawing.height),
    );
    marks(&mut out, drawing);
    out.push_str("</svg>\n");
    out
}

/// A figure as a file of its own, on light paper.
pub(super) fn alone(figure: &Figure) -> String {
    let drawing = &figure.drawing;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\">\n\
         <title>{}</title><desc>{}</desc>\n<style>\n{}</style>\n\
         <rect class=\"f-paper\" width=\"{w}\" height=\"{h}\"/>\n",
        escape(&figure.title),
        escape(&figure.description),
        own_style(drawing),
        w = short(drawing.width),
        h = short(drawing.height),
    );
    marks(&mut out, drawing);
    out.push_str("</svg>\n");
    out
}

fn marks(out: &mut String, drawing: &Drawing) {
    for mark in &drawing.marks {
        match mark {
            Mark::Line { points, ink, width, dash } => {
                let dashes = match dash {
                    Dash::Whole => "",
                    Dash::Long => " stroke-dasharray=\"5 3\"",
                    Dash::Dots => " stroke-dasharray=\"1.5 2.5\"",
                };
                out.push_str(&format!(
                    "<path class=\"s-{}\" fill=\"none\" stroke-width=\"{}\" stroke-linejoin=\"round\"{dashes} d=\"{}\"/>\n",
                    class(*ink),
                    short(*width),
                    path(points)
                ));
            }
            Mark::Area { points, ink, opacity } => {
                let see = if *opacity < 1.0 {
                    format!(" fill-opacity=\"{}\"", short(*opacity))
                } else {
                    String::new()
                };
                out.push_str(&format!("<path class=\"f-{}\"{see} d=\"{}Z\"/>\n", class(*ink), path(points)));
            }
            Mark::Circle { center: [x, y], radius, ink, filled } => {
                let class = class(*ink);
                let look = match filled {
                    true => format!("class=\"f-{class}\""),
                    false => format!("class=\"f-paper s-{class}\" stroke-width=\"1.6\""),
                };
                out.push_str(&format!(
                    "<circle {look} cx=\"{}\" cy=\"{}\" r=\"{}\"/>\n",
                    short(*x),
                    short(*y),
                    short(*radius)
                ));
            }
            Mark::Words { text, at: [x, y], anchor, size, ink, bold, turned } => {
                let anchor = match anchor {
                    Anchor::Start => "",
                    Anchor::Middle => " text-anchor=\"middle\"",
                    Anchor::End => " text-anchor=\"end\"",
                };
                let weight = if *bold { " font-weight=\"bold\"" } else { "" };
                let (x, y) = (short(*x), short(*y));
                let turn =
                    if *turned { format!(" transform=\"rotate(-90 {x} {y})\"") } else { String::new() };
                out.push_str(&format!(
                    "<text class=\"f-{}\" x=\"{x}\" y=\"{y}\" font-size=\"{}\"{anchor}{weight}{turn}>{}</text>\n",
                    class(*ink),
                    short(*size),
                    escape(text)
                ));
            }
        }
    }
}

fn path(points: &[[f64; 2]]) -> String {
    let step = |(at, [x, y]): (usize, &[f64; 2])| {
        format!("{}{} {}", if at == 0 { 'M' } else { 'L' }, short(*x), short(*y))
    };
    points.iter().enumerate().map(step).collect()
}

/// A length to two decimals, as short as can be.
fn short(length: f64) -> String {
    let text = format!("{length:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ink_has_its_colours() {
        for ink in Ink::all() {
            assert!(COLOURS.iter().any(|(name, ..)| *name == class(ink)), "{ink:?}");
        }
    }
}
