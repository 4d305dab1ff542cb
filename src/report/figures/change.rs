//! First against last, and one informant against the other.

use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{SIZE, cut, dashed, dotted, draw, ink, line, words};
use super::frame::{Axis, Frame, marker, name_spots, place, say, span, stroke};
use super::items::trimmed;
use crate::agreement::{Limits, PairMoments, limits_of_agreement};
use crate::report::format::{Decimal, Kind, printed};
use crate::report::model::{Column, Figure, Ink, Table, Value};
use crate::report::sessions::{Followed, Group, Member};
use crate::session::ThresholdScale;

/// More spots than this are not named.
const MOST_NAMED: usize = 40;

/// The first score of each course against its last, with what a change must exceed.
pub(in crate::report) fn first_last(followed: &Followed<'_>, group: &Group) -> Option<Figure> {
    let of = |member: &Member| {
        let scores = member.series.scores();
        let (first, last) = (*scores.first()?, *scores.last()?);
        (scores.len() > 1).then(|| (followed.courses[member.course].dyad.clone(), first, last))
    };
    let spots: Vec<(String, f64, f64)> = group.members.iter().filter_map(of).collect();
    if spots.is_empty() {
        return None;
    }
    let beyond = |scale| group.sample.get(scale).ok().map(|s: f64| 1.96 * s);
    let cuts = [beyond(ThresholdScale::ErrorWithin), beyond(ThresholdScale::FluctuationWithin)];
    let range = match group.range {
        Some([low, high]) => low..high,
        None => span(spots.iter().flat_map(|(_, a, b)| [*a, *b]), 0.05),
    };
    let air = 0.03 * (range.end - range.start);
    let axis = range.start - air..range.end + air;
    let frame = Frame { left: 50.0, right: 170.0, top: 12.0, bottom: 42.0, x: axis.clone(), y: axis.clone() };
    let drawing = draw(660.0, 494.0, |area| {
        let across = Axis { name: "First score", ticks: 8, label: &trimmed };
        let up = Axis { name: "Last score", ticks: 8, label: &trimmed };
        let chart = frame.chart(area, &across, &up)?;
        let parallel = |shift: f64| {
            let from = axis.start.max(axis.start - shift);
            let to = axis.end.min(axis.end - shift);
            ([from, from + shift], [to, to + shift])
        };
        let (from, to) = parallel(0.0);
        stroke(area, &chart, from, to, line(ink(Ink::Axis), 1.2))?;
        for (cut, style, word) in [
            (cuts[0], dashed(Ink::Text), "more than error"),
            (cuts[1], dotted(Ink::Text), "more than usual swing"),
        ] {
            let Some(cut) = cut.filter(|cut| *cut < axis.end - axis.start) else { continue };
            for shift in [cut, -cut] {
                let (from, to) = parallel(shift);
                stroke(area, &chart, from, to, line(style, 1.2))?;
            }
            let (_, end) = parallel(-cut);
            let beside = words(Ink::Quiet, SIZE - 1.0, HPos::Left, VPos::Center);
            say(area, place(&chart, end[0], end[1]), [6.0, 0.0], word, beside)?;
        }
        let named: Vec<((i32, i32), String)> =
            spots.iter().map(|(name, a, b)| (place(&chart, *a, *b), cut(name, 12))).collect();
        named.iter().try_for_each(|(at, _)| marker(area, *at, 0, 3.6))?;
        if named.len() <= MOST_NAMED { name_spots(area, &named) } else { Ok(()) }
    });
    let mut data = Table::new(
        "first_last_data",
        vec![
            Column::new("scale", "Scale"),
            Column::new("form", "Form"),
            Column::new("dyad", "Dyad"),
            Column::new("first", "First"),
            Column::new("last", "Last"),
            Column::new("change", "Change"),
            Column::new("error", "More than error"),
            Column::new("swing", "More than swing"),
        ],
    );
    let form = followed.study.form_name(group.form);
    for (dyad, first, last) in &spots {
        data.rows.push(vec![
            Value::text(followed.scale_id(group.scale)),
            form.as_ref().map_or(Value::Empty, Value::text),
            Value::text(dyad),
            Value::Number(*first, Kind::Score),
            Value::Number(*last, Kind::Score),
            Value::Number(last - first, Kind::Score),
            Value::number(cuts[0], Kind::Score),
            Value::number(cuts[1], Kind::Score),
        ]);
    }
    let of = form.map_or(String::new(), |form| format!(" ({form})"));
    Some(Figure {
        id: "first_last",
        title: format!("First score against last, {}{of}", followed.scale_id(group.scale)),
        description: format!("A point for each of {} courses: across its first score, upwards its last. Beside the diagonal, how far apart they must be.", spots.len()),
        data,
        drawing,
        notes: vec!["Above the diagonal: higher at the end. Broken lines: further away than by measurement error (1.96 times the error of a difference within persons); dotted: than by this sample's usual swing between sessions.".to_owned()],
    })
}

/// The differences of two informants against the means of both, with limits of agreement.
pub(in crate::report) fn agreement(followed: &Followed<'_>, scale: usize) -> Option<Figure> {
    let mut roles: Option<[String; 2]> = None;
    let mut pairs: Vec<(String, i64, f64, f64)> = Vec::new();
    for dyad in followed.dyads() {
        let own = super::courses::lines(followed, &dyad, scale);
        let [first, second] = &own[..] else { continue };
        let names = [first.role.clone(), second.role.clone()];
        if *roles.get_or_insert_with(|| names.clone()) != names {
            continue;
        }
        // The first session that both answered.
        let both = first
            .member
            .series
            .numbers()
            .iter()
            .find_map(|t| Some((*t, first.member.series.score(*t)?, second.member.series.score(*t)?)));
        let name = followed.courses[first.member.course].dyad.clone();
        pairs.extend(both.map(|(t, a, b)| (name, t, a, b)));
    }
    let [first, second] = roles?;
    if pairs.len() < 3 {
        return None;
    }
    let scores: Vec<(f64, f64)> = pairs.iter().map(|(_, _, a, b)| (*a, *b)).collect();
    let limits: Limits = limits_of_agreement(&PairMoments::of(&scores), 0.95);
    let (bias, lower, upper) = (limits.bias.estimate?, limits.lower.estimate, limits.upper.estimate);
    let x = span(scores.iter().map(|(a, b)| (a + b) / 2.0), 0.08);
    let y = span(scores.iter().map(|(a, b)| a - b).chain(lower).chain(upper).chain([0.0]), 0.1);
    let frame = Frame { left: 56.0, right: 120.0, top: 12.0, bottom: 42.0, x: x.clone(), y };
    let drawing = draw(660.0, 380.0, |area| {
        let across = format!("Mean of {first} and {second}");
        let upward = format!("{first} − {second}");
        let chart = frame.chart(
            area,
            &Axis { name: &across, ticks: 8, label: &trimmed },
            &Axis { name: &upward, ticks: 7, label: &trimmed },
        )?;
        stroke(area, &chart, [x.start, 0.0], [x.end, 0.0], line(ink(Ink::Axis), 1.0))?;
        let rows = [
            (Some(bias), ink(Ink::Text), "bias"),
            (lower, dashed(Ink::Text), "lower"),
            (upper, dashed(Ink::Text), "upper"),
        ];
        for (value, style, word) in rows {
            let Some(value) = value else { continue };
            stroke(area, &chart, [x.start, value], [x.end, value], line(style, 1.2))?;
            let text = format!("{word} {}", printed(value, Kind::Score, Decimal::Point));
            let beside = words(Ink::Quiet, SIZE - 1.0, HPos::Left, VPos::Center);
            say(area, place(&chart, x.end, value), [6.0, 0.0], &text, beside)?;
        }
        let named: Vec<((i32, i32), String)> = pairs
            .iter()
            .map(|(name, _, a, b)| (place(&chart, (a + b) / 2.0, a - b), cut(name, 12)))
            .collect();
        named.iter().try_for_each(|(at, _)| marker(area, *at, 0, 3.6))?;
        if named.len() <= MOST_NAMED { name_spots(area, &named) } else { Ok(()) }
    });
    let mut data = Table::new(
        "agreement_data",
        vec![
            Column::new("dyad", "Dyad"),
            Column::new("session", "Session"),
            Column::new("first", &first),
            Column::new("second", &second),
            Column::new("mean", "Mean"),
            Column::new("difference", "Difference"),
        ],
    );
    for (name, session, a, b) in &pairs {
        data.rows.push(vec![
            Value::text(name),
            Value::Number(*session as f64, Kind::Exact),
            Value::Number(*a, Kind::Score),
            Value::Number(*b, Kind::Score),
            Value::Number((a + b) / 2.0, Kind::Score),
            Value::Number(a - b, Kind::Score),
        ]);
    }
    Some(Figure {
        id: "agreement",
        title: format!("{first} and {second} side by side, {}", followed.scale_id(scale)),
        description: format!("A point for each of {} dyads: across the mean of both scores, upwards their difference. Lines: the mean difference and the limits of agreement.", pairs.len()),
        data,
        drawing,
        notes: vec!["The first session that both answered. Broken lines: limits of agreement, bias ± 1.96 standard deviations (Bland & Altman, 1986).".to_owned()],
    })
}
