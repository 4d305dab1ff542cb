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

/// Lines that follow each other and look the same are one element; so are rectangles.
fn marks(out: &mut String, drawing: &Drawing) {
    for alike in drawing.marks.chunk_by(are_one) {
        let d: String = alike.iter().map(path_of).collect();
        let Some(mark) = alike.first() else { continue };
        match mark {
            Mark::Line { ink, width, dash, .. } => {
                let dashes = match dash {
                    Dash::Whole => "",
                    Dash::Long => " stroke-dasharray=\"5 3\"",
                    Dash::Dots => " stroke-dasharray=\"1.5 2.5\"",
                };
                out.push_str(&format!(
                    "<path class=\"s-{}\" fill=\"none\" stroke-width=\"{}\" stroke-linejoin=\"round\"{dashes} d=\"{d}\"/>\n",
                    class(*ink),
                    short(*width)
                ));
            }
            Mark::Area { ink, opacity, .. } => {
                let see = if *opacity < 1.0 {
                    format!(" fill-opacity=\"{}\"", short(*opacity))
                } else {
                    String::new()
                };
                out.push_str(&format!("<path class=\"f-{}\"{see} d=\"{d}\"/>\n", class(*ink)));
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

/// Whether two marks may be one element. Areas that overlap might cut holes into each other, rectangles cannot.
fn are_one(one: &Mark, next: &Mark) -> bool {
    match (one, next) {
        (
            Mark::Line { ink, width, dash, .. },
            Mark::Line { ink: other, width: own_width, dash: own_dash, .. },
        ) => ink == other && width == own_width && dash == own_dash,
        (
            Mark::Area { points, ink, opacity },
            Mark::Area { points: own, ink: other, opacity: own_opacity },
        ) => {
            let whole = *opacity >= 1.0 && *own_opacity >= 1.0;
            ink == other && whole && is_rectangle(points) && is_rectangle(own)
        }
        _ => false,
    }
}

/// Whether corners run right, down and left again, from the top left.
fn is_rectangle(points: &[[f64; 2]]) -> bool {
    match points {
        [a, b, c, d] => {
            a[1] == b[1] && b[0] == c[0] && c[1] == d[1] && d[0] == a[0] && a[0] <= b[0] && b[1] <= c[1]
        }
        _ => false,
    }
}

fn path_of(mark: &Mark) -> String {
    match mark {
        Mark::Line { points, .. } => path(points),
        Mark::Area { points, .. } => format!("{}Z", path(points)),
        _ => String::new(),
    }
}

/// Points as a path: along an axis, one length says where to.
fn path(points: &[[f64; 2]]) -> String {
    let mut out = String::new();
    let mut before: Option<[String; 2]> = None;
    for [x, y] in points {
        let [x, y] = [short(*x), short(*y)];
        out.push_str(&match &before {
            None => format!("M{x} {y}"),
            Some([_, old]) if *old == y => format!("H{x}"),
            Some([old, _]) if *old == x => format!("V{y}"),
            _ => format!("L{x} {y}"),
        });
        before = Some([x, y]);
    }
    out
}

/// A length to one decimal, as short as can be: a tenth of a pixel is more than anybody sees.
fn short(length: f64) -> String {
    let text = format!("{length:.1}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
