//! What is there and what is not: sessions of dyads, and gaps of items.

use std::collections::BTreeSet;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{Area, Drawn, NAME, SIZE, cut, draw, fine, ink, line, widest, words};
use super::frame::{Axis, Frame, block, name_left, place, say};
use super::items::{columns, name, row};
use crate::report::format::{Kind, number};
use crate::report::items::ItemsLine;
use crate::report::model::{Column, Figure, Ink, Table, Value};
use crate::report::study::Study;
use crate::sample::Course;

/// More courses than this are not drawn.
const MOST_COURSES: usize = 120;
/// More sessions than this are not drawn.
const MOST_SESSIONS: usize = 60;

/// What a row of answers holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answered {
    All,
    Part,
    None,
}

impl Answered {
    fn word(self) -> &'static str {
        match self {
            Answered::All => "answered",
            Answered::Part => "partly",
            Answered::None => "missing",
        }
    }
}

/// How much of the questionnaire a row answers.
fn answered(study: &Study, course: &Course, at: usize) -> Answered {
    let sample = &study.sample;
    let row = course.visits[at].row;
    let editions = (0..sample.plan.scales.len()).filter_map(|scale| sample.edition(scale, course.form));
    let mut seen = BTreeSet::new();
    let (mut there, mut all) = (0, 0);
    for term in editions.flat_map(|edition| &edition.terms) {
        if seen.insert(term.slot) {
            all += 1;
            there += usize::from(sample.answer(term, row).is_some());
        }
    }
    match there {
        0 => Answered::None,
        n if n == all => Answered::All,
        _ => Answered::Part,
    }
}

/// Which sessions of which dyads were answered, in full, in part, or not at all.
pub fn presence(study: &Study) -> Option<Figure> {
    let courses = study.sample.courses();
    let numbers: BTreeSet<u64> =
        courses.iter().flat_map(|course| &course.visits).map(|visit| visit.session.to_bits()).collect();
    let mut sessions: Vec<f64> = numbers.into_iter().map(f64::from_bits).collect();
    sessions.sort_unstable_by(f64::total_cmp);
    // A session that nobody has a row for stands as a gap, where numbers say so.
    if let (Some(first), Some(last)) = (sessions.first().copied(), sessions.last().copied())
        && sessions.iter().all(|t| t.fract() == 0.0)
        && last - first < MOST_SESSIONS as f64
    {
        sessions = (first as i64..=last as i64).map(|t| t as f64).collect();
    }
    if sessions.len() < 2 || courses.len() < 2 {
        return None;
    }
    let all_sessions = sessions.len();
    sessions.truncate(MOST_SESSIONS);
    let shown: Vec<&Course> = courses.iter().take(MOST_COURSES).collect();
    let label = |course: &Course, above: Option<&Course>| {
        let dyad =
            if above.is_some_and(|above| above.dyad == course.dyad) { "" } else { course.dyad.as_str() };
        [dyad, course.role.as_deref().unwrap_or("")]
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(|text| cut(text, NAME))
            .collect::<Vec<_>>()
            .join("  ")
    };
    let labels: Vec<String> = shown
        .iter()
        .enumerate()
        .map(|(at, course)| label(course, at.checked_sub(1).map(|above| shown[above])))
        .collect();
    let left = widest(labels.iter().map(String::as_str), SIZE) + 14.0;
    let cell = ((650.0 - left) / sessions.len() as f64).min(22.0);
    let (top, high) = (22.0, 16.0);
    let width = (left + cell * sessions.len() as f64 + 8.0).max(420.0);
    let drawing = draw(width, top + high * shown.len() as f64 + 34.0, |area| {
        let every = sessions.len().div_ceil(((650.0 - left) / 24.0) as usize).max(1);
        for (at, session) in sessions.iter().enumerate().filter(|(at, _)| at % every == 0) {
            let style = words(Ink::Quiet, SIZE - 2.0, HPos::Center, VPos::Bottom);
            let x = left + cell * (at as f64 + 0.5);
            say(area, (fine(x), fine(top)), [0.0, -4.0], &number(*session, Kind::Exact), style)?;
        }
        for (row, course) in shown.iter().enumerate() {
            let y = top + high * row as f64;
            let new_dyad = row == 0 || shown[row - 1].dyad != course.dyad;
            if new_dyad {
                let over = vec![(fine(4.0), fine(y)), (fine(left + cell * sessions.len() as f64), fine(y))];
                area.draw(&PathElement::new(over, line(ink(Ink::Grid), 1.0)))?;
            }
            let style = words(Ink::Text, SIZE - 1.0, HPos::Right, VPos::Center);
            say(area, (fine(left - 7.0), fine(y + high / 2.0)), [0.0, 0.0], &labels[row], style)?;
            for (at, session) in sessions.iter().enumerate() {
                let visit = course.visits.iter().position(|visit| visit.session == *session);
                if let Some(visit) = visit {
                    let x = left + cell * at as f64;
                    square(area, [x, y], [cell, high], answered(study, course, visit))?;
                }
            }
        }
        let y = top + high * shown.len() as f64 + 12.0;
        let mut x = left;
        for of in [Answered::All, Answered::Part, Answered::None] {
            square(area, [x, y], [16.0, 16.0], of)?;
            let style = words(Ink::Quiet, SIZE - 1.0, HPos::Left, VPos::Center);
            say(area, (fine(x + 20.0), fine(y + 8.0)), [0.0, 0.0], of.word(), style)?;
            x += 36.0 + super::canvas::width_of(of.word(), SIZE);
        }
        let style = words(Ink::Quiet, SIZE - 1.0, HPos::Left, VPos::Center);
        say(area, (fine(x), fine(y + 8.0)), [0.0, 0.0], "empty: no row", style)
    });
    let mut data = Table::new(
        "presence_data",
        vec![
            Column::new("dyad", "Dyad"),
            Column::new("role", "Role"),
            Column::new("session", "Session"),
            Column::new("answered", "Answers"),
        ],
    );
    for course in &courses {
        for (at, visit) in course.visits.iter().enumerate() {
            data.rows.push(vec![
                Value::text(&course.dyad),
                course.role.as_ref().map_or(Value::Empty, Value::text),
                Value::Number(visit.session, Kind::Exact),
                Value::text(answered(study, course, at).word()),
            ]);
        }
    }
    let mut notes = Vec::new();
    if courses.len() > shown.len() || all_sessions > sessions.len() {
        notes.push(format!(
            "Drawn are the first {} of {} courses and the first {} of {all_sessions} sessions; the numbers behind it are of all.",
            shown.len(),
            courses.len(),
            sessions.len()
        ));
    }
    Some(Figure {
        id: "presence",
        title: "Which sessions were answered".to_owned(),
        description: format!(
            "A row for each of {} courses, a column for each session: a full square where all items were answered, a half one where some were, a ring where none was.",
            shown.len()
        ),
        data,
        drawing,
        notes,
    })
}

/// A full square, a half one, an open one.
fn square(area: &Area<'_>, [x, y]: [f64; 2], [width, height]: [f64; 2], answered: Answered) -> Drawn {
    let side = (width.min(height) - 4.0).max(3.0);
    let (left, top) = (x + (width - side) / 2.0, y + (height - side) / 2.0);
    let corner = |x: f64, y: f64| (fine(x), fine(y));
    let whole = [corner(left, top), corner(left + side, top + side)];
    let of = ink(Ink::Series(0));
    match answered {
        Answered::All => area.draw(&Rectangle::new(whole, of.filled())),
        Answered::Part => {
            let half = vec![corner(left, top + side), corner(left + side, top + side), corner(left, top)];
            area.draw(&Polygon::new(half, of.filled()))?;
            area.draw(&Rectangle::new(whole, line(of, 1.0)))
        }
        Answered::None => area.draw(&Rectangle::new(whole, line(of, 1.0))),
    }
}

/// How many persons left out each item.
pub fn gaps(line_of: &ItemsLine) -> Option<Figure> {
    let n = line_of.of.rows as f64;
    if line_of.items.is_empty() || n == 0.0 {
        return None;
    }
    let shares: Vec<f64> = line_of.items.iter().map(|item| item.statistics.missing as f64 / n).collect();
    let most = shares.iter().copied().fold(0.05, f64::max);
    let names: Vec<String> = line_of.items.iter().map(name).collect();
    let k = names.len() as f64;
    let frame = Frame {
        left: widest(names.iter().map(String::as_str), SIZE) + 14.0,
        right: 70.0,
        top: 8.0,
        bottom: 40.0,
        x: 0.0..most * 1.05,
        y: k..0.0,
    };
    let drawing = draw(660.0, k * 20.0 + frame.top + frame.bottom, |area| {
        let percent = |value: f64| number(value, Kind::Percent).trim_end_matches(".0").to_owned();
        let across = Axis { name: "% of persons without an answer", ticks: 6, label: &percent };
        let chart = frame.chart(area, &across, &Axis::of_names())?;
        for (at, item) in line_of.items.iter().enumerate() {
            let y = at as f64;
            name_left(area, &chart, 0.0, y + 0.5, &names[at])?;
            block(area, &chart, [0.0, y + 0.2], [shares[at], y + 0.8], ink(Ink::Series(0)).filled())?;
            let style = words(Ink::Quiet, SIZE - 1.0, HPos::Left, VPos::Center);
            let text = format!("{} of {}", item.statistics.missing, line_of.of.rows);
            say(area, place(&chart, shares[at], y + 0.5), [6.0, 0.0], &text, style)?;
        }
        Ok(())
    });
    let mut data = Table::new(
        "gaps_data",
        columns(line_of, &[("missing", "Gaps"), ("rows", "Persons"), ("share", "%")]),
    );
    for (item, share) in line_of.items.iter().zip(&shares) {
        let values = [
            Value::count(item.statistics.missing as u64),
            Value::count(line_of.of.rows as u64),
            Value::Number(*share, Kind::Percent),
        ];
        data.rows.push(row(line_of, item, values));
    }
    Some(Figure {
        id: "gaps",
        title: format!("Items left out, {}", line_of.of.words()),
        description: format!(
            "A bar for each of {} items: the share of persons without an answer to it.",
            names.len()
        ),
        data,
        drawing,
        notes: Vec::new(),
    })
}
