//! Figures of reliability: coefficients side by side, and how many sessions they need.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{SIZE, dotted, draw, fine, ink, line, widest, words};
use super::frame::{Axis, Frame, marker, name_left, place, say, span, stroke};
use super::items::bounded;
use crate::nested::{Components, TARGETS};
use crate::reliability::Coefficient;
use crate::report::format::Kind;
use crate::report::model::{Column, Figure, Ink, Table, Value};
use crate::report::reliability::{ReliabilityLine, ScaleLine};

/// The coefficients of a forest.
const SHOWN: [(Coefficient, &str, u8); 2] = [(Coefficient::Alpha, "α", 0), (Coefficient::OmegaTotal, "ω", 1)];

/// Alpha and omega of every scale by informant, each with its limits.
pub fn forest<'a>(lines: impl IntoIterator<Item = &'a ReliabilityLine>) -> Option<Figure> {
    struct Row<'a> {
        of: &'a ScaleLine,
        name: String,
        found: Vec<(&'static str, u8, f64, Option<[f64; 2]>)>,
    }
    let of = |line: &'_ ReliabilityLine| {
        let found = SHOWN.iter().filter_map(|(coefficient, word, series)| {
            let value = &line.found.coefficients.get(coefficient)?.estimate;
            Some((
                *word,
                *series,
                line.shown(*coefficient)?,
                value.lower.zip(value.upper).map(|(a, b)| [a, b]),
            ))
        });
        found.collect::<Vec<_>>()
    };
    let mut rows: Vec<Row<'_>> = Vec::new();
    for line in lines {
        let found = of(line);
        if !found.is_empty() {
            rows.push(Row { of: &line.of, name: line.of.words(), found });
        }
    }
    if rows.is_empty() {
        return None;
    }
    // Scale by scale, so that informants stand under each other.
    let mut scales: Vec<&str> = Vec::new();
    for row in &rows {
        if !scales.contains(&row.of.scale.as_str()) {
            scales.push(&row.of.scale);
        }
    }
    let place_of = |row: &Row<'_>| scales.iter().position(|scale| *scale == row.of.scale);
    rows.sort_by_key(place_of);
    let limits = rows
        .iter()
        .flat_map(|row| &row.found)
        .flat_map(|(_, _, value, limits)| [*value].into_iter().chain(limits.iter().flatten().copied()));
    let low = span(limits, 0.05).start.clamp(-1.0, 0.65);
    let n = rows.len() as f64;
    let frame = Frame {
        left: widest(rows.iter().map(|row| row.name.as_str()), SIZE) + 14.0,
        right: 14.0,
        top: 28.0,
        bottom: 40.0,
        x: low..1.0,
        y: n..0.0,
    };
    let drawing = draw(660.0, n * 30.0 + frame.top + frame.bottom, |area| {
        let across = Axis { name: "Reliability, with its limits", ticks: 7, label: &bounded };
        let chart = frame.chart(area, &across, &Axis::of_names())?;
        if low < 0.7 {
            stroke(area, &chart, [0.7, 0.0], [0.7, n], line(dotted(Ink::Quiet), 1.2))?;
        }
        for (at, row) in rows.iter().enumerate() {
            let middle = at as f64 + 0.5;
            if at > 0 && rows[at - 1].of.scale != row.of.scale {
                stroke(area, &chart, [low, at as f64], [1.0, at as f64], line(ink(Ink::Grid), 1.0))?;
            }
            name_left(area, &chart, low, middle, &row.name)?;
            for (_, series, value, limits) in &row.found {
                let y = middle + if *series == 0 { -0.18 } else { 0.18 };
                if let Some([from, to]) = limits {
                    let style = line(ink(Ink::Series(*series)), 1.6);
                    stroke(area, &chart, [from.max(low), y], [to.min(1.0), y], style)?;
                }
                if *value >= low {
                    marker(area, place(&chart, *value, y), *series, 4.0)?;
                }
            }
        }
        let mut x = 640.0;
        for (_, word, series) in SHOWN.iter().rev() {
            let style = words(Ink::Text, SIZE, HPos::Right, VPos::Center);
            say(area, (fine(x), fine(12.0)), [0.0, 0.0], word, style)?;
            marker(area, (fine(x - 18.0), fine(12.0)), *series, 4.0)?;
            x -= 48.0;
        }
        Ok(())
    });
    let mut columns = ScaleLine::columns(&[rows[0].of], false);
    columns.extend([
        Column::new("coefficient", "Coefficient"),
        Column::new("estimate", "Estimate"),
        Column::new("lower", "Lower"),
        Column::new("upper", "Upper"),
    ]);
    let mut data = Table::new("forest_data", columns);
    for row in &rows {
        for (word, _, value, limits) in &row.found {
            let mut cells = row.of.cells();
            cells.extend([
                Value::text(*word),
                Value::Number(*value, Kind::Bounded),
                Value::number(limits.map(|[lower, _]| lower), Kind::Bounded),
                Value::number(limits.map(|[_, upper]| upper), Kind::Bounded),
            ]);
            data.rows.push(cells);
        }
    }
    Some(Figure {
        id: "forest",
        title: "Reliability by scale and informant".to_owned(),
        description: format!("A line for each of {} scales as one informant answers it: alpha and omega as points, their limits as lines.", rows.len()),
        data,
        drawing,
        notes: vec!["α: filled circles; ω: open squares. Dotted: .70, which is often called acceptable (Nunnally, 1978). Lines end at the edges where limits lie beyond them.".to_owned()],
    })
}

/// How the reliability of a person's mean grows with the sessions it is taken over.
pub fn sessions_needed(found: &[(String, Components, usize)]) -> Option<Figure> {
    /// As many sessions as the picture shows.
    const MOST: u64 = 20;
    // Signal and noise of one session, from the sessions nested in persons.
    let of = |found: &Components, items: usize| {
        let s = |source| found.variance(source);
        let signal = s("person");
        let noise = s("occasion_in_person") + s("residual") / items as f64;
        (signal > 0.0).then_some((signal, noise))
    };
    let curves: Vec<(&String, f64, f64)> = found
        .iter()
        .filter_map(|(name, found, items)| of(found, *items).map(|(s, e)| (name, s, e)))
        .collect();
    if curves.is_empty() {
        return None;
    }
    let value = |signal: f64, noise: f64, k: u64| signal / (signal + noise / k as f64);
    let frame =
        Frame { left: 48.0, right: 130.0, top: 12.0, bottom: 42.0, x: 0.5..MOST as f64 + 0.5, y: 0.0..1.0 };
    let drawing = draw(660.0, 320.0, |area| {
        let whole = |value: f64| if value.fract() == 0.0 { format!("{value:.0}") } else { String::new() };
        let across = Axis { name: "Sessions", ticks: 20, label: &whole };
        let up = Axis { name: "Reliability of the mean over sessions", ticks: 6, label: &bounded };
        let chart = frame.chart(area, &across, &up)?;
        for target in TARGETS {
            stroke(area, &chart, [0.5, target], [MOST as f64 + 0.5, target], line(dotted(Ink::Quiet), 1.0))?;
        }
        let mut ends: Vec<((i32, i32), &String)> = Vec::new();
        for (at, (name, signal, noise)) in curves.iter().enumerate() {
            let series = (at % 4) as u8;
            let points: Vec<(i32, i32)> =
                (1..=MOST).map(|k| place(&chart, k as f64, value(*signal, *noise, k))).collect();
            area.draw(&PathElement::new(points.clone(), line(ink(Ink::Series(series)), 1.4)))?;
            points.iter().try_for_each(|at| marker(area, *at, series, 3.0))?;
            ends.extend(points.last().map(|end| (*end, *name)));
        }
        // Names stand beside the ends of their lines, pushed down where they would cover each other.
        ends.sort_by_key(|((_, y), _)| *y);
        let mut free = i32::MIN;
        for ((x, y), name) in ends {
            let y = y.max(free);
            free = y + fine(SIZE + 3.0);
            let style = words(Ink::Text, SIZE, HPos::Left, VPos::Center);
            say(area, (x, y), [10.0, 0.0], name, style)?;
        }
        Ok(())
    });
    let mut data = Table::new(
        "sessions_needed_data",
        vec![
            Column::new("of", "Of"),
            Column::new("sessions", "Sessions"),
            Column::new("reliability", "Reliability"),
        ],
    );
    for (name, signal, noise) in &curves {
        for k in 1..=MOST {
            data.rows.push(vec![
                Value::text(*name),
                Value::count(k),
                Value::Number(value(*signal, *noise, k), Kind::Bounded),
            ]);
        }
    }
    Some(Figure {
        id: "sessions_needed",
        title: "Reliability of a person's mean by number of sessions".to_owned(),
        description: format!(
            "{} rising lines: the reliability of the mean over 1 to {MOST} sessions.",
            curves.len()
        ),
        data,
        drawing,
        notes: vec!["Sessions nested in persons. Dotted: .70, .80, .90.".to_owned()],
    })
}
