//! Several figures of one kind as one.

use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{SIZE, bold, cut, draw, fine};
use super::frame::say;
use crate::report::model::{Drawing, Figure, Ink};

/// The heading of a panel takes so much room.
const HEAD: f64 = 30.0;

/// Figures of one kind, in rows of so many, each under its own title; one alone stays as it is.
pub fn together(title: &str, figures: Vec<Figure>, columns: usize) -> Option<Figure> {
    let mut figures = figures.into_iter();
    let mut first = figures.next()?;
    let rest: Vec<Figure> = figures.collect();
    if rest.is_empty() {
        return Some(first);
    }
    let mut panels = vec![panel(&first.title, std::mem::take(&mut first.drawing))];
    let n = rest.len() + 1;
    for figure in rest {
        panels.push(panel(&figure.title, figure.drawing));
        first.data.rows.extend(figure.data.rows);
        for note in figure.notes.into_iter().filter(|note| !first.notes.contains(note)).collect::<Vec<_>>() {
            first.notes.push(note);
        }
    }
    first.data.columns.iter_mut().for_each(|column| column.shown = true);
    for (column, head) in first.data.columns.iter_mut().zip(["Scale", "Form"]) {
        column.head = head.to_owned();
    }
    first.drawing = Drawing::beside(panels, columns);
    first.title = title.to_owned();
    first.description = format!("{n} panels. In the first: {}", lowered(&first.description));
    Some(first)
}

fn panel(title: &str, drawing: Drawing) -> Drawing {
    let head = draw(drawing.width, HEAD, |area| {
        let style = bold(Ink::Text, SIZE + 1.0, HPos::Left, VPos::Center);
        say(area, (fine(4.0), fine(HEAD / 2.0)), [0.0, 0.0], &cut(title, 74), style)
    });
    Drawing::beside([head, drawing], 1)
}

fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
