//! Figures of the items of a scale.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{SIZE, dashed, dotted, draw, fine, ink, line, widest, words};
use super::frame::{Axis, Frame, block, marker, name_left, name_spots, place, say, span, stroke};
use crate::report::format::{Kind, number};
use crate::report::items::{ItemLine, ItemsLine};
use crate::report::model::{Column, Figure, Ink, Table, Value};
use crate::report::reliability::ScaleLine;

/// More answers than this are not told apart in a bar.
const MOST_ANSWERS: usize = 11;
const WIDTH: f64 = 660.0;
const ROW: f64 = 24.0;

/// The name of an item, marked where the key reverses it.
pub(super) fn name(item: &ItemLine) -> String {
    format!("{}{}", if item.reversed { "−" } else { "" }, item.statistics.fit.item)
}

/// The columns of the data of a figure: scale, form, group, item, and its values.
pub(super) fn columns(line: &ItemsLine, own: &[(&'static str, &str)]) -> Vec<Column> {
    let mut columns = ScaleLine::columns(&[&line.of], true);
    columns.push(Column::new("item", "Item"));
    columns.extend(own.iter().map(|(id, head)| Column::new(id, *head)));
    columns
}

/// A row of the data of a figure: scale, form, group, item, and its values.
pub(super) fn row(line: &ItemsLine, item: &ItemLine, values: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut row = line.of.cells();
    row.push(Value::text(&item.statistics.fit.item));
    row.extend(values);
    row
}

fn percent(value: f64) -> String {
    format!("{:.0}", 100.0 * value.abs())
}

/// How the answers to each item are spread: bars from the lowest answer to the highest, the middle one around zero.
pub fn answers(line_of: &ItemsLine) -> Option<Figure> {
    let points: Vec<f64> = line_of.items.first()?.statistics.shares.iter().map(|share| share.value).collect();
    let k = points.len();
    let shares = |item: &ItemLine| -> Option<Vec<f64>> {
        let own: Option<Vec<f64>> = item.statistics.shares.iter().map(|share| share.share).collect();
        own.filter(|own| own.len() == k)
    };
    let all: Vec<(&ItemLine, Vec<f64>)> =
        line_of.items.iter().filter_map(|item| Some((item, shares(item)?))).collect();
    if !(2..=MOST_ANSWERS).contains(&k) || all.is_empty() {
        return None;
    }
    let below =
        |own: &[f64]| own[..k / 2].iter().sum::<f64>() + if k % 2 == 1 { own[k / 2] / 2.0 } else { 0.0 };
    let most = all.iter().map(|(_, own)| below(own).max(1.0 - below(own))).fold(0.25, f64::max);
    let reach = (most * 20.0).ceil() / 20.0;
    let names: Vec<String> = all.iter().map(|(item, _)| name(item)).collect();
    let n = all.len() as f64;
    let frame = Frame {
        left: widest(names.iter().map(String::as_str), SIZE) + 14.0,
        right: 14.0,
        top: 34.0,
        bottom: 40.0,
        x: -reach..reach,
        y: n..0.0,
    };
    let drawing = draw(WIDTH, n * ROW + frame.top + frame.bottom, |area| {
        let across = Axis { name: "% of answers, above and below the middle", ticks: 9, label: &percent };
        let chart = frame.chart(area, &across, &Axis::of_names())?;
        stroke(area, &chart, [0.0, 0.0], [0.0, n], line(ink(Ink::Text), 1.0))?;
        for (at, (_, own)) in all.iter().enumerate() {
            let y = at as f64;
            name_left(area, &chart, -reach, y + 0.5, &names[at])?;
            let mut x = -below(own);
            for (c, share) in own.iter().enumerate().filter(|(_, share)| **share > 0.0) {
                let of = Ink::step(c, k);
                block(area, &chart, [x, y + 0.12], [x + share, y + 0.88], ink(of).filled())?;
                let middle = place(&chart, x + share / 2.0, y + 0.5);
                if share / reach > 0.08 {
                    let style = words(of.words_on(), SIZE - 2.0, HPos::Center, VPos::Center);
                    say(area, middle, [0.0, 0.0], &percent(*share), style)?;
                }
                x += share;
            }
        }
        // The key, from the lowest answer to the highest.
        let cell = 26.0;
        for (c, value) in points.iter().enumerate() {
            let left = WIDTH - frame.right - cell * (k - c) as f64;
            let of = Ink::step(c, k);
            let corners = [(fine(left), fine(6.0)), (fine(left + cell - 2.0), fine(22.0))];
            area.draw(&Rectangle::new(corners, ink(of).filled()))?;
            let style = words(of.words_on(), SIZE - 2.0, HPos::Center, VPos::Center);
            say(
                area,
                (fine(left + cell / 2.0 - 1.0), fine(14.0)),
                [0.0, 0.0],
                &number(*value, Kind::Exact),
                style,
            )?;
        }
        let style = words(Ink::Quiet, SIZE - 1.0, HPos::Right, VPos::Center);
        let left = WIDTH - frame.right - cell * k as f64 - 6.0;
        say(area, (fine(left), fine(14.0)), [0.0, 0.0], "answer, as scored", style)
    });
    let mut data =
        Table::new("answers_data", columns(line_of, &[("answer", "Answer"), ("n", "n"), ("share", "%")]));
    for (item, _) in &all {
        for share in &item.statistics.shares {
            let values = [
                Value::Number(share.value, Kind::Exact),
                Value::count(share.n),
                Value::number(share.share, Kind::Percent),
            ];
            data.rows.push(row(line_of, item, values));
        }
    }
    Some(Figure {
        id: "answers",
        title: format!("How the answers are spread, {}", line_of.of.words()),
        description: format!(
            "Bars for {} items: the share of each answer, from the lowest on the left to the highest on the right, the middle answer around zero.",
            all.len()
        ),
        data,
        drawing,
        notes: reversed_note(line_of),
    })
}

/// What the mark of reversed items means, where there are any.
pub(super) fn reversed_note(line: &ItemsLine) -> Vec<String> {
    let any = line.items.iter().any(|item| item.reversed);
    if any {
        vec!["−: reversed by the key; its answers are shown as they are scored.".to_owned()]
    } else {
        Vec::new()
    }
}

/// The mean of each item against its correlation with the rest of the scale.
pub fn strength(line_of: &ItemsLine) -> Option<Figure> {
    let spots: Vec<(&ItemLine, f64, f64)> = line_of
        .items
        .iter()
        .filter_map(|item| Some((item, item.statistics.mean?, item.statistics.fit.item_rest.estimate?)))
        .collect();
    if spots.len() < 2 {
        return None;
    }
    let shares = &line_of.items.first()?.statistics.shares;
    let possible =
        shares.first().map(|share| share.value).into_iter().chain(shares.last().map(|share| share.value));
    let x = span(spots.iter().map(|(_, mean, _)| *mean).chain(possible), 0.03);
    let lowest = spots.iter().map(|(_, _, r)| *r).fold(0.0, f64::min);
    let frame =
        Frame { left: 52.0, right: 40.0, top: 12.0, bottom: 42.0, x: x.clone(), y: (lowest * 1.1)..1.0 };
    let drawing = draw(WIDTH, 360.0, |area| {
        let across = Axis { name: "Mean of the item, as scored", ticks: 8, label: &trimmed };
        let up = Axis { name: "r with the rest of the scale", ticks: 6, label: &bounded };
        let chart = frame.chart(area, &across, &up)?;
        stroke(area, &chart, [x.start, 0.3], [x.end, 0.3], line(dotted(Ink::Quiet), 1.2))?;
        if lowest < 0.0 {
            stroke(area, &chart, [x.start, 0.0], [x.end, 0.0], line(ink(Ink::Text), 1.0))?;
        }
        let named: Vec<((i32, i32), String)> =
            spots.iter().map(|(item, mean, r)| (place(&chart, *mean, *r), name(item))).collect();
        for (at, _) in &named {
            marker(area, *at, 0, 3.5)?;
        }
        name_spots(area, &named)
    });
    let mut data = Table::new(
        "strength_data",
        columns(line_of, &[("mean", "M"), ("item_rest", "r rest"), ("lower", "Lower"), ("upper", "Upper")]),
    );
    for (item, mean, r) in &spots {
        let rest = &item.statistics.fit.item_rest;
        let values = [
            Value::Number(*mean, Kind::Score),
            Value::Number(*r, Kind::Bounded),
            Value::number(rest.lower, Kind::Bounded),
            Value::number(rest.upper, Kind::Bounded),
        ];
        data.rows.push(row(line_of, item, values));
    }
    let mut notes =
        vec!["Dotted line: .30, below which an item–rest correlation is often called low.".to_owned()];
    notes.extend(reversed_note(line_of));
    Some(Figure {
        id: "strength",
        title: format!("Item means against item–rest correlations, {}", line_of.of.words()),
        description: format!(
            "A point for each of {} items: across its mean, upwards its correlation with the rest of the scale.",
            spots.len()
        ),
        data,
        drawing,
        notes,
    })
}

/// Alpha of the scale without each item, against alpha of the whole.
pub fn without(line_of: &ItemsLine) -> Option<Figure> {
    let whole = line_of.alpha.estimate?;
    let found: Vec<(&ItemLine, f64)> = line_of
        .items
        .iter()
        .filter_map(|item| Some((item, item.statistics.alpha_if_deleted.estimate?)))
        .collect();
    if found.is_empty() {
        return None;
    }
    let limits = [line_of.alpha.lower, line_of.alpha.upper];
    let x =
        span(found.iter().map(|(_, alpha)| *alpha).chain([whole]).chain(limits.into_iter().flatten()), 0.08);
    let names: Vec<String> = found.iter().map(|(item, _)| name(item)).collect();
    let n = found.len() as f64;
    let frame = Frame {
        left: widest(names.iter().map(String::as_str), SIZE) + 14.0,
        right: 14.0,
        top: 26.0,
        bottom: 40.0,
        x: x.clone(),
        y: n..0.0,
    };
    let drawing = draw(WIDTH, n * 20.0 + frame.top + frame.bottom, |area| {
        let across = Axis { name: "α of the scale without the item", ticks: 7, label: &bounded };
        let chart = frame.chart(area, &across, &Axis::of_names())?;
        if let [Some(lower), Some(upper)] = limits {
            block(area, &chart, [lower, 0.0], [upper, n], ink(Ink::Quiet).mix(0.12).filled())?;
        }
        stroke(area, &chart, [whole, 0.0], [whole, n], line(dashed(Ink::Text), 1.2))?;
        let above = words(Ink::Quiet, SIZE - 1.0, HPos::Center, VPos::Bottom);
        say(area, place(&chart, whole, 0.0), [0.0, -5.0], &format!("all items {}", bounded(whole)), above)?;
        for (at, (_, alpha)) in found.iter().enumerate() {
            let y = at as f64 + 0.5;
            name_left(area, &chart, x.start, y, &names[at])?;
            stroke(area, &chart, [whole, y], [*alpha, y], line(ink(Ink::Series(0)), 1.2))?;
            marker(area, place(&chart, *alpha, y), 0, 4.0)?;
        }
        Ok(())
    });
    let mut data = Table::new(
        "without_data",
        columns(line_of, &[("alpha_if_deleted", "α without"), ("alpha", "α of all")]),
    );
    for (item, alpha) in &found {
        let values = [Value::Number(*alpha, Kind::Bounded), Value::Number(whole, Kind::Bounded)];
        data.rows.push(row(line_of, item, values));
    }
    let mut notes = Vec::new();
    if limits.iter().all(Option::is_some) {
        notes.push("Grey: the confidence limits of α of all items.".to_owned());
    }
    notes.extend(reversed_note(line_of));
    Some(Figure {
        id: "without",
        title: format!("Alpha without each item, {}", line_of.of.words()),
        description: format!(
            "A point for each of {} items: alpha of the scale without it. A broken line: alpha of all items, {}.",
            found.len(),
            bounded(whole)
        ),
        data,
        drawing,
        notes,
    })
}

pub(super) fn bounded(value: f64) -> String {
    number(value, Kind::Bounded)
}

/// A value of an axis, as short as it is exact to four decimals.
pub(super) fn trimmed(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.replace('-', "−") }
}
