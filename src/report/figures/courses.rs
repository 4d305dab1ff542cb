//! The courses of a dyad, large.

use std::collections::BTreeMap;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{
    Area, Drawn, NAME, SIZE, bold, cut, dashed, dotted, draw, fine, ink, line, width_of, words,
};
use super::frame::{Axis, Chart, Frame, marker, place, say, span, stroke};
use super::items::trimmed;
use crate::report::format::{Decimal, Kind};
use crate::report::model::{Column, Drawing, Figure, Ink, Table, Value};
use crate::report::sessions::{Coded, Followed, Group, Member};
use crate::session::{ChartConfig, Gap, chart};

/// Words that stand in a picture of courses; a catalogue gives them in its language.
#[derive(Debug, Clone)]
pub struct CourseWords {
    /// What stands before decimals.
    pub decimal: Decimal,
    /// The axis of sessions.
    pub session: String,
    /// A session from which another worker is there.
    pub new_worker: String,
    /// For the title: `Dyad {dyad}`.
    pub dyad: String,
    /// Under the picture: what the marks mean.
    pub key: String,
    /// For screen readers.
    pub description: String,
    /// Heads of the numbers: dyad, informant, session, score, lower limit, upper limit, mark.
    pub heads: [String; 7],
    /// Marks in the numbers: fall, lowest point, repair.
    pub marks: [String; 3],
    /// Codes and words for them; without any, the code itself.
    pub codes: BTreeMap<String, String>,
}

impl Default for CourseWords {
    fn default() -> CourseWords {
        CourseWords {
            decimal: Decimal::Point,
            session: "Session".to_owned(),
            new_worker: "new worker".to_owned(),
            dyad: "Dyad {dyad}".to_owned(),
            key: "Band: control limits of the person's own course; dotted: its center. Thick red line down to ▼: a rupture; ▲: its repair; open ▽: a fall larger than measurement error and no rupture; ×: no score; broken line: sessions without a score between.".to_owned(),
            description: "A line for each informant over the sessions, its control limits as a band, ruptures and repairs marked, coded events in rows below.".to_owned(),
            heads: ["Dyad", "Informant", "Session", "Score", "Lower limit", "Upper limit", "Mark"].map(str::to_owned),
            marks: ["fall", "rupture", "repair"].map(str::to_owned),
            codes: BTreeMap::new(),
        }
    }
}

/// What is drawn of a member of a dyad.
pub(in crate::report) struct Line<'a> {
    pub group: &'a Group,
    pub member: &'a Member,
    pub role: String,
}

/// How the marks of a session are told in numbers and drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Fall,
    Rupture,
    Repair,
}

/// The members of a dyad on a scale.
pub(in crate::report) fn lines<'a>(
    followed: &'a Followed<'_>,
    dyad: &[usize],
    scale: usize,
) -> Vec<Line<'a>> {
    let of = |at: &usize| {
        let (group, member) = followed.member(*at, scale)?;
        let role = followed.courses[*at].role.clone().unwrap_or_else(|| followed.scale_id(scale).to_owned());
        (member.series.n() > 0).then_some(Line { group, member, role })
    };
    dyad.iter().filter_map(of).collect()
}

/// The marks of a course, by session.
pub(super) fn marks(followed: &Followed<'_>, member: &Member) -> Vec<(i64, Mark)> {
    let ruptures: Vec<i64> = episodes(followed, member).map(|(_, trough, _)| trough).collect();
    let mut marks: Vec<(i64, Mark)> = Vec::new();
    for (_, trough, repair) in episodes(followed, member) {
        marks.push((trough, Mark::Rupture));
        marks.extend(repair.map(|repair| (repair, Mark::Repair)));
    }
    let lighter = member.noticed.episodes.iter().map(|episode| episode.trough);
    marks.extend(lighter.filter(|trough| !ruptures.contains(trough)).map(|trough| (trough, Mark::Fall)));
    marks.sort_by_key(|(session, _)| *session);
    marks
}

/// Start, lowest session and repair of each rupture.
fn episodes<'m>(
    followed: &Followed<'_>,
    member: &'m Member,
) -> impl Iterator<Item = (Option<i64>, i64, Option<i64>)> + 'm {
    let found = followed.leading(member).map_or(&[][..], |found| &found.episodes);
    found.iter().filter(|e| !e.worker_changed).map(|e| (e.start, e.trough, e.repair))
}

/// The possible scores; where none are known, those seen.
pub(super) fn possible(line: &Line<'_>) -> [f64; 2] {
    line.group.range.unwrap_or_else(|| {
        let seen = span(line.member.series.scores().iter().copied(), 0.1);
        [seen.start, seen.end]
    })
}

/// All sessions of a dyad, first and last.
pub(super) fn reach(lines: &[Line<'_>]) -> Option<[i64; 2]> {
    let all = || {
        lines
            .iter()
            .flat_map(|line| line.member.series.numbers().iter().chain(line.member.series.unanswered()))
    };
    Some([*all().min()?, *all().max()?])
}

/// A line through the scores, broken across sessions without one.
pub(super) fn through(
    area: &Area<'_>,
    chart: &Chart<'_, '_>,
    member: &Member,
    series: u8,
    width: f64,
) -> Drawn {
    let numbers = member.series.numbers();
    let scores = member.series.scores();
    for at in 1..numbers.len() {
        let of = Ink::Series(series);
        let style = if numbers[at] - numbers[at - 1] > 1 { dashed(of) } else { ink(of) };
        let (from, to) = ([numbers[at - 1] as f64, scores[at - 1]], [numbers[at] as f64, scores[at]]);
        stroke(area, chart, from, to, line(style, width))?;
    }
    Ok(())
}

/// A triangle, full or open, pointing up or down.
fn triangle(area: &Area<'_>, (x, y): (i32, i32), of: Ink, up: bool, full: bool, half: f64) -> Drawn {
    let (half, tip) = (fine(half), fine(half * 1.5));
    let turn = if up { -1 } else { 1 };
    let corners = vec![(x - half, y), (x + half, y), (x, y + turn * tip), (x - half, y)];
    if full {
        area.draw(&Polygon::new(corners, ink(of).filled()))
    } else {
        area.draw(&PathElement::new(corners, line(ink(of), 1.3)))
    }
}

/// Draws a mark at a score.
pub(super) fn mark_at(area: &Area<'_>, at: (i32, i32), mark: Mark, size: f64) -> Drawn {
    let (x, y) = at;
    match mark {
        Mark::Rupture => triangle(area, (x, y + fine(size * 1.6)), Ink::Fall, false, true, size),
        Mark::Fall => triangle(area, (x, y + fine(size * 1.6)), Ink::Fall, false, false, size * 0.8),
        Mark::Repair => triangle(area, (x, y - fine(size * 1.6)), Ink::Repair, true, true, size),
    }
}

/// One informant's course with its limits and marks.
fn panel(
    followed: &Followed<'_>,
    own: &Line<'_>,
    series: u8,
    left: f64,
    [first, last]: [i64; 2],
    words_of: &CourseWords,
    foot: bool,
) -> Drawing {
    let member = own.member;
    let [low, high] = possible(own);
    let air = 0.07 * (high - low);
    let frame = Frame {
        left,
        right: 14.0,
        top: 24.0,
        bottom: if foot { 40.0 } else { 20.0 },
        x: first as f64 - 0.5..last as f64 + 0.5,
        y: low - air..high + air,
    };
    draw(660.0, if foot { 206.0 } else { 186.0 }, |area| {
        let whole = |value: f64| if value.fract() == 0.0 { format!("{value:.0}") } else { String::new() };
        let within = |value: f64| {
            if (low..=high).contains(&value) { words_of.decimal.mark(&trimmed(value)) } else { String::new() }
        };
        let name = if foot { words_of.session.as_str() } else { "" };
        let ticks = (last - first + 1).clamp(2, 24) as usize;
        let across = Axis { name, ticks, label: &whole };
        let up = Axis { name: "", ticks: 7, label: &within };
        let chart_area = frame.chart(area, &across, &up)?;
        let title = bold(Ink::Text, SIZE, HPos::Left, VPos::Top);
        area.draw(&Text::new(cut(&own.role, 60), (fine(left), fine(4.0)), title))?;
        if let Ok(limits) = chart(&member.series, &ChartConfig::default(), Gap::default(), own.group.range) {
            let at = |value: f64, t: &i64| place(&chart_area, *t as f64, value.clamp(low - air, high + air));
            let numbers = member.series.numbers();
            let upper = numbers.iter().zip(&limits.upper).map(|(t, value)| at(*value, t));
            let lower = numbers.iter().zip(&limits.lower).rev().map(|(t, value)| at(*value, t));
            let band: Vec<(i32, i32)> = upper.chain(lower).collect();
            area.draw(&Polygon::new(band, ink(Ink::Series(series)).mix(0.13).filled()))?;
            let center: Vec<(i32, i32)> =
                numbers.iter().zip(&limits.center).map(|(t, value)| at(*value, t)).collect();
            area.draw(&PathElement::new(center, line(dotted(Ink::Quiet), 1.2)))?;
        }
        for (at, t) in member.series.numbers().iter().enumerate() {
            if member.series.has_new_worker(at) {
                let x = *t as f64 - 0.5;
                stroke(area, &chart_area, [x, low - air], [x, high + air], line(dotted(Ink::Text), 1.2))?;
                let style = words(Ink::Quiet, SIZE - 2.0, HPos::Left, VPos::Bottom);
                say(area, place(&chart_area, x, high + air), [3.0, -2.0], &words_of.new_worker, style)?;
            }
        }
        through(area, &chart_area, member, series, 1.6)?;
        for (start, trough, _) in episodes(followed, member) {
            let (Some(start), numbers) = (start, member.series.numbers()) else { continue };
            let inside = |t: &&i64| (start..=trough).contains(*t);
            let points: Vec<(i32, i32)> = numbers
                .iter()
                .filter(inside)
                .filter_map(|t| Some(place(&chart_area, *t as f64, member.series.score(*t)?)))
                .collect();
            area.draw(&PathElement::new(points, line(ink(Ink::Fall), 3.0)))?;
        }
        for (t, score) in member.series.numbers().iter().zip(member.series.scores()) {
            marker(area, place(&chart_area, *t as f64, *score), series, 3.6)?;
        }
        for (t, mark) in marks(followed, member) {
            if let Some(score) = member.series.score(t) {
                mark_at(area, place(&chart_area, t as f64, score), mark, 4.6)?;
            }
        }
        for t in member.series.unanswered() {
            let (x, y) = place(&chart_area, *t as f64, low - air / 2.0);
            let arm = fine(3.0);
            let style = || line(ink(Ink::Quiet), 1.2);
            area.draw(&PathElement::new(vec![(x - arm, y - arm), (x + arm, y + arm)], style()))?;
            area.draw(&PathElement::new(vec![(x - arm, y + arm), (x + arm, y - arm)], style()))?;
        }
        Ok(())
    })
}

/// The codes of a dyad's sessions, a row for each code that was ever given to it.
fn events(
    coded: &Coded,
    dyad: &str,
    left: f64,
    [first, last]: [i64; 2],
    words_of: &CourseWords,
) -> Option<Drawing> {
    let codes = coded.of_dyad(dyad)?;
    let given: Vec<usize> =
        (0..coded.codes.len()).filter(|code| codes.with(*code).next().is_some()).collect();
    if given.is_empty() {
        return None;
    }
    let high = 18.0;
    let step = (660.0 - 14.0 - left) / (last - first + 1) as f64;
    Some(draw(660.0, high * given.len() as f64 + 10.0, |area| {
        for (row, code) in given.iter().enumerate() {
            let y = 4.0 + high * (row as f64 + 0.5);
            let style = words(Ink::Text, SIZE - 1.0, HPos::Right, VPos::Center);
            say(area, (fine(left - 7.0), fine(y)), [0.0, 0.0], &words_of.code(&coded.codes[*code]), style)?;
            let ends = vec![(fine(left), fine(y)), (fine(646.0), fine(y))];
            area.draw(&PathElement::new(ends, line(ink(Ink::Grid), 1.0)))?;
            for t in codes.sessions.iter().filter(|t| (first..=last).contains(*t)) {
                let x = left + step * ((t - first) as f64 + 0.5);
                match codes.get(*code, *t) {
                    Some(true) => {
                        let corners = [(fine(x - 5.0), fine(y - 5.0)), (fine(x + 5.0), fine(y + 5.0))];
                        area.draw(&Rectangle::new(corners, ink(Ink::Text).filled()))?;
                    }
                    Some(false) => {
                        area.draw(&Circle::new((fine(x), fine(y)), fine(1.4), ink(Ink::Quiet).filled()))?;
                    }
                    None => {}
                }
            }
        }
        Ok(())
    }))
}

impl CourseWords {
    /// A code in words, cut where they are too long: `removal_threat` as `removal threat`.
    fn code(&self, code: &str) -> String {
        let words = self.codes.get(code).cloned().unwrap_or_else(|| code.replace('_', " "));
        cut(&words, NAME + 8)
    }
}

/// A dyad's courses on a scale: an informant under the other, coded events under both.
pub(in crate::report) fn dyad(
    followed: &Followed<'_>,
    own: &[Line<'_>],
    coded: Option<&Coded>,
    words_of: &CourseWords,
) -> Option<Figure> {
    let name = followed.courses[own.first()?.member.course].dyad.clone();
    let reach = reach(own)?;
    let codes = coded.and_then(|coded| Some((coded, coded.of_dyad(&name)?)));
    let longest = codes.map_or(0.0, |(coded, codes)| {
        let given = (0..coded.codes.len()).filter(|code| codes.with(*code).next().is_some());
        given.map(|code| width_of(&words_of.code(&coded.codes[code]), SIZE - 1.0)).fold(0.0, f64::max)
    });
    let left = (longest + 16.0).max(40.0);
    let n = own.len();
    let mut drawings: Vec<Drawing> = own
        .iter()
        .enumerate()
        .map(|(at, line)| panel(followed, line, (at % 4) as u8, left, reach, words_of, at + 1 == n))
        .collect();
    drawings.extend(coded.and_then(|coded| events(coded, &name, left, reach, words_of)));
    Some(Figure {
        id: "course",
        title: words_of.dyad.replace("{dyad}", &name),
        description: words_of.description.clone(),
        data: numbers(followed, own, words_of),
        drawing: Drawing::beside(drawings, 1),
        notes: vec![words_of.key.clone()],
    })
}

/// The numbers behind the picture of a dyad.
pub(super) fn numbers(followed: &Followed<'_>, own: &[Line<'_>], words_of: &CourseWords) -> Table {
    let ids = ["dyad", "role", "session", "score", "lower", "upper", "mark"];
    let columns = ids.into_iter().zip(&words_of.heads).map(|(id, head)| Column::new(id, head)).collect();
    let mut data = Table::new("course_data", columns);
    for line in own {
        let member = line.member;
        let limits = chart(&member.series, &ChartConfig::default(), Gap::default(), line.group.range).ok();
        let marks = marks(followed, member);
        for (at, (t, score)) in member.series.numbers().iter().zip(member.series.scores()).enumerate() {
            let own: Vec<&str> = marks
                .iter()
                .filter(|(session, _)| session == t)
                .map(|(_, mark)| words_of.marks[*mark as usize].as_str())
                .collect();
            data.rows.push(vec![
                Value::text(&followed.courses[member.course].dyad),
                Value::text(&line.role),
                Value::Number(*t as f64, Kind::Exact),
                Value::Number(*score, Kind::Score),
                Value::number(limits.as_ref().map(|limits| limits.lower[at]), Kind::Score),
                Value::number(limits.as_ref().map(|limits| limits.upper[at]), Kind::Score),
                if own.is_empty() { Value::Empty } else { Value::text(own.join(", ")) },
            ]);
        }
    }
    data
}
