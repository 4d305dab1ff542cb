//! How the scores of scales are spread, with their floor and ceiling.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{SIZE, bold, dashed, draw, fine, ink, line, words};
use super::frame::{Axis, Frame, block, span, stroke};
use super::items::trimmed;
use crate::report::format::{Kind, number};
use crate::report::model::{Column, Drawing, Figure, Ink, Table, Value};
use crate::report::reliability::ScaleLine;
use crate::report::scales::{ScaleRows, Scales};

/// About how many bars a distribution has.
const BARS: f64 = 14.0;

/// The scores of a scale in a group, in bars of equal width.
struct Spread {
    scores: Vec<f64>,
    range: Option<[f64; 2]>,
    low: f64,
    width: f64,
    counts: Vec<u64>,
}

impl Spread {
    fn of(scales: &Scales, line: &ScaleRows) -> Option<Spread> {
        let sample = &scales.study.sample;
        let scores: Vec<f64> = line.rows.iter().filter_map(|row| sample.value(line.scale, *row)).collect();
        if scores.is_empty() {
            return None;
        }
        let edition = scales.edition(line)?;
        let range = edition.range;
        let seen = span(scores.iter().copied(), 0.0);
        let [low, high] = range.unwrap_or([seen.start, seen.end]);
        // Bars of whole steps of the score, so that none holds more possible scores than another.
        let steps = edition.terms.iter().map(|term| term.spec.set.step).fold(f64::INFINITY, f64::min);
        let points = edition
            .terms
            .iter()
            .map(|term| term.spec.set.max.map(|max| max - term.spec.set.min))
            .sum::<Option<f64>>();
        let step =
            points.filter(|points| *points > 0.0 && steps > 0.0).map(|points| (high - low) * steps / points);
        let width = match step {
            Some(step) => step * ((high - low) / step / BARS).ceil().max(1.0),
            None => (high - low) / BARS,
        };
        let low = low - width / 2.0 * f64::from(u8::from(step.is_some()));
        let bars = (((high - low) / width).floor() as usize + 1).min(200);
        let mut counts = vec![0; bars];
        for score in &scores {
            let at = ((score - low) / width + 1e-9).floor().max(0.0) as usize;
            counts[at.min(bars - 1)] += 1;
        }
        Some(Spread { scores, range, low, width, counts })
    }

    fn mean(&self) -> f64 {
        self.scores.iter().sum::<f64>() / self.scores.len() as f64
    }

    /// The share at the lowest and at the highest possible score.
    fn ends(&self) -> Option<[f64; 2]> {
        let at = |end: f64| self.scores.iter().filter(|score| **score == end).count() as f64;
        self.range.map(|ends| ends.map(|end| at(end) / self.scores.len() as f64))
    }

    fn drawn(&self, heading: &str) -> Drawing {
        let most = self.counts.iter().copied().max().unwrap_or(1).max(1) as f64;
        let high = self.low + self.width * self.counts.len() as f64;
        let frame = Frame {
            left: 42.0,
            right: 12.0,
            top: 44.0,
            bottom: 26.0,
            x: self.low..high,
            y: 0.0..most * 1.08,
        };
        draw(330.0, 200.0, |area| {
            let across = Axis { name: "", ticks: 7, label: &trimmed };
            let up = Axis { name: "Persons", ticks: 4, label: &whole };
            let chart = frame.chart(area, &across, &up)?;
            for (at, n) in self.counts.iter().enumerate().filter(|(_, n)| **n > 0) {
                let left = self.low + self.width * at as f64;
                let end = self.range.is_some_and(|[low, top]| {
                    (left..left + self.width).contains(&low)
                        || (left..left + self.width + 1e-9).contains(&top)
                });
                let of = if end { Ink::Series(1) } else { Ink::Series(0) };
                let gap = 0.06 * self.width;
                let (from, to) = ([left + gap, *n as f64], [left + self.width - gap, 0.0]);
                block(area, &chart, from, to, ink(of).filled())?;
            }
            let mean = self.mean();
            stroke(area, &chart, [mean, 0.0], [mean, most * 1.08], line(dashed(Ink::Text), 1.2))?;
            let title = bold(Ink::Text, SIZE, HPos::Left, VPos::Top);
            area.draw(&Text::new(heading.to_owned(), (fine(42.0), fine(4.0)), title))?;
            let style = words(Ink::Quiet, SIZE - 1.0, HPos::Left, VPos::Top);
            let ends = self.ends().map_or(String::new(), |[floor, ceiling]| {
                let percent = |share| number(share, Kind::Percent);
                format!(", floor {} %, ceiling {} %", percent(floor), percent(ceiling))
            });
            let text = format!("n = {}, M = {}{ends}", self.scores.len(), number(mean, Kind::Score));
            area.draw(&Text::new(text, (fine(42.0), fine(21.0)), style))?;
            Ok(())
        })
    }
}

fn whole(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { String::new() }
}

/// How the scores of every scale are spread.
pub fn distributions(scales: &Scales) -> Option<Figure> {
    let of = |line| Some((line, Spread::of(scales, line)?));
    let found: Vec<(&ScaleRows, Spread)> = scales.lines.iter().filter_map(of).collect();
    let first = found.first()?;
    let mut columns = ScaleLine::columns(&[&first.0.of], false);
    columns.extend([Column::new("from", "From"), Column::new("below", "To below"), Column::new("n", "n")]);
    let mut data = Table::new("distributions_data", columns);
    for (line, spread) in &found {
        for (at, n) in spread.counts.iter().enumerate() {
            let left = spread.low + spread.width * at as f64;
            let mut row = line.of.cells();
            row.extend([
                Value::Number(left, Kind::Score),
                Value::Number(left + spread.width, Kind::Score),
                Value::count(*n),
            ]);
            data.rows.push(row);
        }
    }
    let drawing = Drawing::beside(found.iter().map(|(line, spread)| spread.drawn(&line.of.words())), 2);
    Some(Figure {
        id: "distributions",
        title: "How the scores are spread".to_owned(),
        description: format!(
            "{} panels of bars: how many persons have each score. A broken line: the mean.",
            found.len()
        ),
        data,
        drawing,
        notes: vec!["Broken line: the mean. Orange: bars that hold the lowest or the highest possible score; floor and ceiling: the share of persons with exactly that score.".to_owned()],
    })
}
