//! A drawing as SVG. Marks carry the class of their ink; the page, or a style of its own, gives the colours.

use super::html::escape;
use super::ink::{COLOURS, class};
use crate::report::model::{Anchor, Dash, Drawing, Figure, Ink, Mark};

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
    let used = |name: &str| drawing.marks.iter().any(|mark| class(ink_of(mark)) == name);
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

/// A length to one decimal, as short as can be: a tenth of a pixel is more than anybody sees.
fn short(length: f64) -> String {
    let text = format!("{length:.1}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
