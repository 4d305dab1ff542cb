//! All dyads small, side by side.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::canvas::{NAME, SIZE, bold, cut, draw, fine, ink, line, width_of, words};
use super::courses::{CourseWords, Line, Mark, lines, mark_at, marks, numbers, possible, reach, through};
use super::frame::{Axis, Frame, marker, place, say};
use super::items::trimmed;
use crate::report::model::{Drawing, Figure, Ink, Table};
use crate::report::sessions::Followed;

/// More dyads than this are not drawn.
const MOST_DYADS: usize = 40;

/// All dyads small, side by side, their informants in one frame.
pub(in crate::report) fn multiples(followed: &Followed<'_>, scale: usize) -> Option<Figure> {
    let dyads: Vec<Vec<Line<'_>>> = followed
        .dyads()
        .iter()
        .map(|dyad| lines(followed, dyad, scale))
        .filter(|lines| !lines.is_empty())
        .collect();
    let shown = &dyads[..dyads.len().min(MOST_DYADS)];
    let ends: Vec<[i64; 2]> = shown.iter().filter_map(|lines| reach(lines)).collect();
    let reach = [ends.iter().map(|[first, _]| *first).min()?, ends.iter().map(|[_, last]| *last).max()?];
    let mut roles: Vec<&str> = Vec::new();
    for line in shown.iter().flatten() {
        if !roles.contains(&line.role.as_str()) {
            roles.push(&line.role);
        }
    }
    let words_of = CourseWords::default();
    let panels = Drawing::beside(shown.iter().map(|lines| small(followed, lines, &roles, reach)), 4);
    let mut data = Table::new("multiples_data", Vec::new());
    for lines in &dyads {
        let own = numbers(followed, lines, &words_of);
        data.columns = own.columns;
        data.rows.extend(own.rows);
    }
    let mut notes =
        vec!["▼ a rupture, ▲ its repair; broken line: sessions without a score between.".to_owned()];
    if dyads.len() > shown.len() {
        notes.push(format!(
            "Drawn are the first {} of {} dyads; the numbers behind it are of all.",
            shown.len(),
            dyads.len()
        ));
    }
    Some(Figure {
        id: "multiples",
        title: format!("All dyads through time, {}", followed.scale_id(scale)),
        description: format!(
            "{} small panels, one for each dyad, with a line for each of: {}.",
            shown.len(),
            roles.join(", ")
        ),
        data,
        drawing: Drawing::beside([key(&roles), panels], 1),
        notes,
    })
}

fn key(roles: &[&str]) -> Drawing {
    draw(660.0, 26.0, |area| {
        let mut x = 16.0;
        for (at, role) in roles.iter().enumerate() {
            let series = (at % 4) as u8;
            let ends = vec![(fine(x - 10.0), fine(13.0)), (fine(x + 10.0), fine(13.0))];
            area.draw(&PathElement::new(ends, line(ink(Ink::Series(series)), 1.4)))?;
            marker(area, (fine(x), fine(13.0)), series, 3.4)?;
            let role = &cut(role, NAME);
            say(
                area,
                (fine(x + 16.0), fine(13.0)),
                [0.0, 0.0],
                role,
                words(Ink::Text, SIZE, HPos::Left, VPos::Center),
            )?;
            x += 50.0 + width_of(role, SIZE);
        }
        Ok(())
    })
}

fn small(followed: &Followed<'_>, own: &[Line<'_>], roles: &[&str], [first, last]: [i64; 2]) -> Drawing {
    let low = own.iter().map(|line| possible(line)[0]).fold(f64::INFINITY, f64::min);
    let high = own.iter().map(|line| possible(line)[1]).fold(f64::NEG_INFINITY, f64::max);
    let air = 0.1 * (high - low);
    let left = 14.0 + width_of(&trimmed(high.floor()), SIZE - 1.0).max(width_of(&trimmed(low), SIZE - 1.0));
    let frame = Frame {
        left,
        right: 8.0,
        top: 20.0,
        bottom: 20.0,
        x: first as f64 - 0.5..last as f64 + 0.5,
        y: low - air..high + air,
    };
    draw(165.0, 124.0, |area| {
        let whole = |value: f64| if value.fract() == 0.0 { format!("{value:.0}") } else { String::new() };
        let within = |value: f64| if (low..=high).contains(&value) { trimmed(value) } else { String::new() };
        let across = Axis { name: "", ticks: 5, label: &whole };
        let up = Axis { name: "", ticks: 4, label: &within };
        let chart = frame.chart(area, &across, &up)?;
        let title = bold(Ink::Text, SIZE - 1.0, HPos::Left, VPos::Top);
        let dyad = own.first().map_or("", |line| followed.courses[line.member.course].dyad.as_str());
        area.draw(&Text::new(cut(dyad, 20), (fine(left), fine(4.0)), title))?;
        for line in own {
            let series = (roles.iter().position(|role| *role == line.role).unwrap_or(0) % 4) as u8;
            through(area, &chart, line.member, series, 1.2)?;
            for (t, score) in line.member.series.numbers().iter().zip(line.member.series.scores()) {
                marker(area, place(&chart, *t as f64, *score), series, 1.9)?;
            }
            for (t, mark) in marks(followed, line.member).into_iter().filter(|(_, mark)| *mark != Mark::Fall)
            {
                if let Some(score) = line.member.series.score(t) {
                    mark_at(area, place(&chart, t as f64, score), mark, 3.4)?;
                }
            }
        }
        Ok(())
    })
}
