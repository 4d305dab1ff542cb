//! Figures of how items hang together: their correlations, and the eigenvalues of these.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Area, Drawn, SIZE, dotted, draw, fine, ink, line, widest, words};
use super::frame::{Axis, Frame, marker, place, say, stroke};
use super::items::{bounded, columns, name, row, trimmed};
use crate::report::format::Kind;
use crate::report::items::ItemsLine;
use crate::report::model::{Figure, Ink, Table, Value};

/// More items than this get no number in their cells.
const MOST_NUMBERED: usize = 24;

/// The correlations between items, as shades and numbers.
pub fn correlations(line_of: &ItemsLine) -> Option<Figure> {
    let r = line_of.correlations.as_ref()?;
    let k = r.nrows();
    if k < 2 || k != line_of.items.len() {
        return None;
    }
    let names: Vec<String> = line_of.items.iter().map(name).collect();
    let left = widest(names.iter().map(String::as_str), SIZE) + 12.0;
    let cell = ((640.0 - left) / k as f64).clamp(11.0, 40.0);
    let top = if cell > 30.0 { 24.0 } else { left };
    let side = cell * k as f64;
    let drawing = draw(660.0_f64.max(left + side + 4.0), top + side + 34.0, |area| {
        for i in 0..k {
            let at = |j: usize| left + cell * j as f64;
            let y = top + cell * i as f64;
            let style = words(Ink::Text, SIZE.min(cell), HPos::Right, VPos::Center);
            say(area, (fine(left), fine(y + cell / 2.0)), [-7.0, 0.0], &names[i], style)?;
            let over = (fine(at(i) + cell / 2.0), fine(top));
            if cell > 30.0 {
                let style = words(Ink::Text, SIZE - 1.0, HPos::Center, VPos::Bottom);
                say(area, over, [0.0, -4.0], &names[i], style)?;
            } else {
                let style = words(Ink::Text, SIZE.min(cell), HPos::Left, VPos::Center);
                say(area, over, [0.0, -4.0], &names[i], style.transform(FontTransform::Rotate270))?;
            }
            for j in (0..k).filter(|j| *j != i) {
                let shade = Ink::Step((4.0 * r[(i, j)]).round().clamp(-4.0, 4.0) as i8);
                let x = at(j);
                let corners = [(fine(x + 0.5), fine(y + 0.5)), (fine(x + cell - 0.5), fine(y + cell - 0.5))];
                area.draw(&Rectangle::new(corners, ink(shade).filled()))?;
                if k <= MOST_NUMBERED {
                    let size = (cell * 0.36).min(SIZE - 1.0);
                    let style = words(shade.words_on(), size, HPos::Center, VPos::Center);
                    say(
                        area,
                        (fine(x + cell / 2.0), fine(y + cell / 2.0)),
                        [0.0, 0.0],
                        &bounded(r[(i, j)]),
                        style,
                    )?;
                }
            }
        }
        scale(area, left, top + side + 10.0)
    });
    let mut data = Table::new("correlations_data", columns(line_of, &[("with", "With"), ("r", "r")]));
    for (i, item) in line_of.items.iter().enumerate() {
        for (j, other) in line_of.items.iter().enumerate().skip(i + 1) {
            let values = [Value::text(&other.statistics.fit.item), Value::Number(r[(i, j)], Kind::Bounded)];
            data.rows.push(row(line_of, item, values));
        }
    }
    Some(Figure {
        id: "correlations",
        title: format!("Correlations between items, {}", line_of.of.words()),
        description: format!(
            "A square for each pair of {k} items, the darker the stronger they correlate: blue together, orange against each other."
        ),
        data,
        drawing,
        notes: super::items::reversed_note(line_of),
    })
}

/// The key of the shades.
fn scale(area: &Area<'_>, left: f64, top: f64) -> Drawn {
    let cell = 30.0;
    for step in -4..=4 {
        let x = left + cell * f64::from(step + 4);
        let corners = [(fine(x), fine(top)), (fine(x + cell - 1.0), fine(top + 16.0))];
        let of = Ink::Step(step);
        area.draw(&Rectangle::new(corners, ink(of).filled()))?;
        let style = words(of.words_on(), SIZE - 3.0, HPos::Center, VPos::Center);
        let value = bounded(f64::from(step) / 4.0).replace('-', "−");
        say(area, (fine(x + cell / 2.0), fine(top + 8.0)), [0.0, 0.0], &value, style)?;
    }
    Ok(())
}

/// The eigenvalues of the correlations, from the largest down.
pub fn scree(line_of: &ItemsLine) -> Option<Figure> {
    let values = line_of.eigenvalues.as_ref().filter(|values| values.len() > 1)?;
    let n = values.len();
    let most = values.iter().copied().fold(1.0, f64::max);
    let least = values.iter().copied().fold(0.0, f64::min);
    let frame = Frame {
        left: 48.0,
        right: 14.0,
        top: 12.0,
        bottom: 42.0,
        x: 0.5..n as f64 + 0.5,
        y: least..most * 1.06,
    };
    let drawing = draw(660.0, 300.0, |area| {
        let across = Axis { name: "Factor", ticks: n.min(20), label: &whole };
        let up = Axis { name: "Eigenvalue", ticks: 6, label: &trimmed };
        let chart = frame.chart(area, &across, &up)?;
        stroke(area, &chart, [0.5, 1.0], [n as f64 + 0.5, 1.0], line(dotted(Ink::Quiet), 1.2))?;
        let points: Vec<(i32, i32)> =
            values.iter().enumerate().map(|(at, value)| place(&chart, at as f64 + 1.0, *value)).collect();
        area.draw(&PathElement::new(points.clone(), line(ink(Ink::Series(0)), 1.4)))?;
        points.iter().try_for_each(|at| marker(area, *at, 0, 3.5))
    });
    let mut columns = crate::report::reliability::ScaleLine::columns(&[&line_of.of], true);
    columns.push(crate::report::model::Column::new("factor", "Factor"));
    columns.push(crate::report::model::Column::new("eigenvalue", "Eigenvalue"));
    columns.push(crate::report::model::Column::new("share", "% of variance"));
    let mut data = Table::new("scree_data", columns);
    let sum: f64 = values.iter().sum();
    for (at, value) in values.iter().enumerate() {
        let mut row = line_of.of.cells();
        row.extend([
            Value::count(at as u64 + 1),
            Value::Number(*value, Kind::Score),
            Value::Number(*value / sum, Kind::Percent),
        ]);
        data.rows.push(row);
    }
    Some(Figure {
        id: "scree",
        title: format!("Eigenvalues of the correlations, {}", line_of.of.words()),
        description: format!("A line through {n} eigenvalues, from the largest, {}, to the smallest, {}.", trimmed(values[0]), trimmed(values[n - 1])),
        data,
        drawing,
        notes: vec!["Dotted: one, the mean of all eigenvalues. Where the line bends says little by itself about the number of factors.".to_owned()],
    })
}

fn whole(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { String::new() }
}
