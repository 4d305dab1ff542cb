//! How the answers to each item change with the rest of the scale.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{SIZE, bold, draw, fine, ink, words};
use super::frame::say;
use super::items::reversed_note;
use crate::moments::ItemMatrix;
use crate::report::format::{Kind, number};
use crate::report::items::ItemsLine;
use crate::report::model::{Column, Drawing, Figure, Ink, Table, Value};
use crate::report::reliability::ScaleLine;
use crate::report::scales::{ScaleRows, Scales, allowed};

const MOST_ANSWERS: usize = 11;
const THIRDS: [&str; 3] = ["lowest", "middle", "highest"];

/// For each third, by the sum of the other items, how many chose each answer.
struct Item {
    name: String,
    id: String,
    points: Vec<f64>,
    counts: [Vec<u64>; 3],
}

/// The persons who answered all items, cut into thirds by the rest of the scale. Equal rest scores stay together, so
/// thirds may differ in size.
fn item(data: &ItemMatrix, complete: &[usize], j: usize, points: Vec<f64>, name: String) -> Item {
    let rest = |i: usize| {
        (0..data.k()).filter(|other| *other != j).map(|other| data.values()[(i, other)]).sum::<f64>()
    };
    let mut scores: Vec<f64> = complete.iter().map(|i| rest(*i)).collect();
    scores.sort_unstable_by(f64::total_cmp);
    let n = scores.len();
    let cuts = [n.div_ceil(3), (2 * n).div_ceil(3)]
        .map(|at| scores.get(at.saturating_sub(1)).copied().unwrap_or(0.0));
    let mut counts = [0, 1, 2].map(|_| vec![0; points.len()]);
    for i in complete {
        let score = rest(*i);
        let third = cuts.iter().filter(|cut| score > **cut).count();
        let answer = data.values()[(*i, j)];
        if let Some(at) = points.iter().position(|point| *point == answer) {
            counts[third][at] += 1;
        }
    }
    Item { name, id: data.items[j].clone(), points, counts }
}

/// The share of each answer to an item in the lowest, the middle and the highest third of the rest of the scale.
pub fn thirds(scales: &Scales, line: &ScaleRows, found: &ItemsLine) -> Option<Figure> {
    let edition = scales.edition(line)?;
    let data = scales.study.sample.items(edition, &line.rows);
    let complete: Vec<usize> =
        (0..data.n()).filter(|i| (0..data.k()).all(|j| !data.values()[(*i, j)].is_nan())).collect();
    if data.k() < 2 || complete.len() < 3 {
        return None;
    }
    let items: Vec<Item> = allowed(edition)
        .into_iter()
        .enumerate()
        .filter(|(_, allowed)| (2..=MOST_ANSWERS).contains(&allowed.points.len()))
        .map(|(j, allowed)| item(&data, &complete, j, allowed.points, super::items::name(&found.items[j])))
        .collect();
    let first = items.first()?;
    let k = first.points.len();
    let key = key(&first.points);
    let panels = Drawing::beside(items.iter().map(drawn), 4);
    let mut columns = ScaleLine::columns(&[&line.of], true);
    columns.extend([
        Column::new("item", "Item"),
        Column::new("third", "Third of the rest"),
        Column::new("answer", "Answer"),
        Column::new("n", "n"),
        Column::new("share", "%"),
    ]);
    let mut table = Table::new("thirds_data", columns);
    for item in &items {
        for (third, counts) in THIRDS.iter().zip(&item.counts) {
            let n: u64 = counts.iter().sum();
            for (point, count) in item.points.iter().zip(counts) {
                let mut row = line.of.cells();
                row.extend([
                    Value::text(&item.id),
                    Value::text(*third),
                    Value::Number(*point, Kind::Exact),
                    Value::count(*count),
                    Value::number((n > 0).then(|| *count as f64 / n as f64), Kind::Percent),
                ]);
                table.rows.push(row);
            }
        }
    }
    let mut notes = vec![format!(
        "Thirds by the sum of the other items, of {} persons who answered all; equal sums stay together. A useful item has more high answers from left to right.",
        complete.len()
    )];
    notes.extend(reversed_note(found));
    Some(Figure {
        id: "thirds",
        title: format!("Answers by third of the rest of the scale, {}", line.of.words()),
        description: format!(
            "Three columns for each of {} items: the share of each of {k} answers among persons who score lowest, in the middle and highest on the other items.",
            items.len()
        ),
        data: table,
        drawing: Drawing::beside([key, panels], 1),
        notes,
    })
}

fn key(points: &[f64]) -> Drawing {
    let k = points.len();
    draw(660.0, 34.0, |area| {
        let cell = 26.0;
        let left = 648.0 - cell * k as f64;
        for (c, point) in points.iter().enumerate() {
            let of = Ink::step(c, k);
            let x = left + cell * c as f64;
            area.draw(&Rectangle::new(
                [(fine(x), fine(6.0)), (fine(x + cell - 2.0), fine(22.0))],
                ink(of).filled(),
            ))?;
            let style = words(of.words_on(), SIZE - 2.0, HPos::Center, VPos::Center);
            say(
                area,
                (fine(x + cell / 2.0 - 1.0), fine(14.0)),
                [0.0, 0.0],
                &number(*point, Kind::Exact),
                style,
            )?;
        }
        let style = words(Ink::Quiet, SIZE - 1.0, HPos::Right, VPos::Center);
        say(area, (fine(left - 6.0), fine(14.0)), [0.0, 0.0], "answer, as scored", style)
    })
}

fn drawn(item: &Item) -> Drawing {
    let (left, top, height, width) = (12.0, 24.0, 110.0, 40.0);
    let k = item.points.len();
    draw(165.0, 166.0, |area| {
        area.draw(&Text::new(
            item.name.clone(),
            (fine(left), fine(4.0)),
            bold(Ink::Text, SIZE, HPos::Left, VPos::Top),
        ))?;
        for (third, counts) in item.counts.iter().enumerate() {
            let n: u64 = counts.iter().sum();
            let x = left + (width + 6.0) * third as f64;
            let mut y = top + height;
            for (c, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                let share = *count as f64 / n as f64;
                let of = Ink::step(c, k);
                let up = y - share * height;
                area.draw(&Rectangle::new(
                    [(fine(x), fine(up)), (fine(x + width), fine(y))],
                    ink(of).filled(),
                ))?;
                if share > 0.12 {
                    let style = words(of.words_on(), SIZE - 2.0, HPos::Center, VPos::Center);
                    let text = number(item.points[c], Kind::Exact);
                    say(area, (fine(x + width / 2.0), fine((up + y) / 2.0)), [0.0, 0.0], &text, style)?;
                }
                y = up;
            }
            let style = words(Ink::Quiet, SIZE - 2.0, HPos::Center, VPos::Top);
            say(area, (fine(x + width / 2.0), fine(top + height)), [0.0, 4.0], THIRDS[third], style)?;
        }
        Ok(())
    })
}
