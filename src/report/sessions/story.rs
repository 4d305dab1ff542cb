//! A dyad in sentences.

use super::super::format::{Kind, number, plural};
use super::follow::{Followed, Group, Member};
use super::items::{fallen, last_fall};
use crate::session::{
    Alignment, CourseShape, Detection, Episode, FallenItem, FalseAlarms, Informant, Lack, Outcome, Series,
    ShapeConfig, ShapeLabel, align, course_shape,
};
use crate::statistic::Reason;

fn score(value: f64) -> String {
    number(value, Kind::Score)
}

/// The course of one informant.
pub(super) fn course(followed: &Followed<'_>, group: &Group, member: &Member) -> String {
    let series = &member.series;
    let mut parts = vec![basics(series)];
    parts.extend(lacks(series));
    parts.extend(trend(series));
    if let Some(edge) = &member.edge {
        let end = if edge.edge == Reason::Ceiling { ("ceiling", "highest") } else { ("floor", "lowest") };
        parts.push(format!(
            "At the {}: {} of {} sessions lie within {} of the {} possible score, so little can be told from it",
            end.0,
            edge.sessions,
            edge.n,
            score(edge.within),
            end.1
        ));
    }
    if let Some(found) = followed.leading(member) {
        parts.extend(ruptures(followed, group, member, found));
        parts.extend(noticed(followed, group, member, found));
    }
    parts.extend(last(followed, group, member));
    parts.join(". ") + "."
}

fn basics(series: &Series) -> String {
    let n = plural(series.n() as u64, "session", "sessions");
    match series.mean() {
        None => "No session has a score".to_owned(),
        Some(mean) => format!("{n}, M = {}", score(mean)),
    }
}

fn lacks(series: &Series) -> Vec<String> {
    let word = |lack: Lack| match lack {
        Lack::MissedSessions { sessions } => Some(format!("No rows for {}", sessions_word(&sessions))),
        Lack::Unanswered { sessions } => Some(format!("No score in {}", sessions_word(&sessions))),
        Lack::DatesDisagree { sessions } => Some(format!(
            "The date of {} is earlier than that of the session before",
            sessions_word(&sessions)
        )),
        Lack::UnevenSpacing { shortest, longest } => {
            Some(format!("Sessions lie {shortest} to {longest} days apart"))
        }
        Lack::WorkerChanges { sessions } => Some(format!("A new worker from {}", sessions_word(&sessions))),
        Lack::OneSession => Some("One session is no course".to_owned()),
        Lack::NoScore => None,
    };
    series.lacks().into_iter().filter_map(word).collect()
}

fn trend(series: &Series) -> Option<String> {
    let shape = course_shape(series, &ShapeConfig::default()).ok()?;
    Some(match shape.label? {
        ShapeLabel::Stable => "No trend".to_owned(),
        ShapeLabel::U => "High, low and high again over its whole length".to_owned(),
        ShapeLabel::InvertedU => "Low, high and low again over its whole length".to_owned(),
        ShapeLabel::LinearUp | ShapeLabel::LinearDown => slope(&shape),
    })
}

fn slope(shape: &CourseShape) -> String {
    let slope = shape.linear[1];
    let way = if slope.estimate > 0.0 { "Rises" } else { "Falls" };
    format!("{way} by {} a session over its whole length", score(slope.estimate.abs()))
}

fn ruptures(followed: &Followed<'_>, group: &Group, member: &Member, found: &Detection) -> Vec<String> {
    if let Some(reason) = found.reason {
        let why = match reason {
            Reason::TooFew if member.series.n() < 3 => "too few sessions",
            Reason::TooFew => "too few sessions in the sample or in this course",
            Reason::NoVariability => "all scores are equal",
            _ => "the sample does not give what it needs",
        };
        return vec![format!("The rule {} cannot be applied: {why}", found.rule)];
    }
    if found.episodes.is_empty() {
        return vec!["No rupture".to_owned()];
    }
    let one = |episode: &Episode| {
        let items = episode.at.0.map(|start| fallen(followed, group, member, (start, episode.at.1)));
        let items = items.map(|items| in_words(&items)).filter(|text| !text.is_empty());
        let items = items.map_or(String::new(), |text| format!("; fell most: {text}"));
        format!("{}{items}", episode_in_words(&member.series, episode))
    };
    let mut parts: Vec<String> = found.episodes.iter().map(one).collect();
    parts.extend(followed.chances(group, member).and_then(by_chance));
    parts
}

fn episode_in_words(series: &Series, episode: &Episode) -> String {
    let low = series.score(episode.trough).map_or(String::new(), score);
    let from = match episode.start.and_then(|start| Some((start, series.score(start)?))) {
        Some((start, high)) => format!("from {} in session {start} to {low}", score(high)),
        None => format!("at {low} from the start"),
    };
    if episode.worker_changed {
        return format!(
            "A fall across the change of worker, not called a rupture: session {}, {from}",
            episode.trough
        );
    }
    let end = match (episode.outcome, episode.repair, episode.back_to_start) {
        (Outcome::Repaired, Some(repair), Some(back)) if back == repair => {
            format!("repaired in session {repair}, all the way")
        }
        (Outcome::Repaired, Some(repair), Some(back)) => {
            format!("repaired in session {repair}, all the way in session {back}")
        }
        (Outcome::Repaired, Some(repair), None) => {
            format!("repaired in session {repair}, but never all the way")
        }
        (Outcome::UnrepairedCensored, ..) => "open when the sessions end".to_owned(),
        _ => format!(
            "not repaired by the last session, {}",
            series.numbers().last().copied().unwrap_or_default()
        ),
    };
    format!("RUPTURE in session {}, {from}: {end}", episode.trough)
}

fn noticed(followed: &Followed<'_>, group: &Group, member: &Member, found: &Detection) -> Option<String> {
    let ruptures: Vec<i64> = found.episodes.iter().map(|episode| episode.trough).collect();
    let lighter: Vec<i64> = member
        .noticed
        .episodes
        .iter()
        .map(|e| e.trough)
        .filter(|trough| !ruptures.contains(trough))
        .collect();
    let chance = followed.chances_noticed(group, member).and_then(by_chance);
    let chance = chance.map_or(String::new(), |text| format!(" {text}"));
    (!lighter.is_empty()).then(|| {
        format!("Falls larger than measurement error, no ruptures: {}{chance}", sessions_word(&lighter))
    })
}

/// What marks are worth: how often the rule finds something where nothing changes.
fn by_chance(alarms: &FalseAlarms) -> Option<String> {
    let percent = |chance: Option<f64>| {
        chance.map(|chance| match 100.0 * chance {
            none if none < 1.0 => "under 1 %".to_owned(),
            some => format!("{some:.0} %"),
        })
    };
    let chances = match (percent(alarms.error.chance_of_any), percent(alarms.swing.chance_of_any)) {
        (Some(error), Some(swing)) if error == swing => error,
        (Some(error), Some(swing)) => format!("{error} by error, {swing} by swing"),
        (Some(error), None) => format!("{error} by error"),
        (None, Some(swing)) => format!("{swing} by swing"),
        (None, None) => return None,
    };
    Some(format!("(by chance: {chances})"))
}

fn last(followed: &Followed<'_>, group: &Group, member: &Member) -> Option<String> {
    let (before, after, items) = last_fall(followed, group, member)?;
    let series = &member.series;
    let (from, to) = (series.score(before)?, series.score(after)?);
    let text = in_words(&items);
    (!text.is_empty()).then(|| {
        format!("Last session, {after}: {} after {}; lower than before: {text}", score(to), score(from))
    })
}

fn in_words(items: &[FallenItem]) -> String {
    let one = |item: &FallenItem| {
        format!("{} ({} → {})", item.item, number(item.from, Kind::Exact), number(item.to, Kind::Exact))
    };
    items.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Two informants of a dyad under the leading rule.
pub(super) fn together(followed: &Followed<'_>, first: &Member, second: &Member) -> Option<Alignment> {
    let (a, b) = (followed.leading(first)?, followed.leading(second)?);
    if a.reason.is_some() || b.reason.is_some() {
        return None;
    }
    let first = Informant { series: &first.series, episodes: &a.episodes };
    let second = Informant { series: &second.series, episodes: &b.episodes };
    Some(align(first, second, followed.following.tolerance))
}

/// The two side by side, in words.
pub(super) fn both(followed: &Followed<'_>, names: [&str; 2], members: [&Member; 2]) -> String {
    let mut parts = Vec::new();
    if let Some(found) = together(followed, members[0], members[1]) {
        for shared in &found.both {
            parts.push(match (shared.first, shared.second) {
                (a, b) if a == b => format!("Both show the rupture of session {a}"),
                (a, b) if a < b => {
                    format!("Both show a rupture, {} in session {a}, {} in session {b}", names[0], names[1])
                }
                (a, b) => {
                    format!("Both show a rupture, {} in session {b}, {} in session {a}", names[1], names[0])
                }
            });
        }
        for (name, alone) in names.iter().zip([&found.first_only, &found.second_only]) {
            if !alone.is_empty() {
                let which = if alone.len() == 1 { "a rupture" } else { "ruptures" };
                parts.push(format!("The {name} alone shows {which}, {}", sessions_word(alone)));
            }
        }
        if !found.unanswered.is_empty() {
            let which = sessions_word(&found.unanswered);
            parts.push(format!("One shows a rupture where the other gave no score, {which}"));
        }
    }
    parts.extend(drift(names, members));
    if parts.is_empty() { "Neither shows a rupture".to_owned() } else { parts.join(". ") + "." }
}

/// How far apart the two are, and whether that changes.
fn drift(names: [&str; 2], members: [&Member; 2]) -> Option<String> {
    let apart = difference(members[0], members[1])?;
    let shape = course_shape(&apart, &ShapeConfig::default()).ok()?;
    let thirds = shape.thirds?;
    let signed =
        |value: f64| if value < 0.0 { format!("−{}", score(-value)) } else { format!("+{}", score(value)) };
    let course = format!(
        "{} − {}: {} in the first third, {} in the middle, {} in the last",
        names[0],
        names[1],
        signed(thirds.means[0]),
        signed(thirds.means[1]),
        signed(thirds.means[2])
    );
    Some(match drifts(&shape) {
        Some(true) => format!("They DRIFT APART. {course}"),
        Some(false) => format!("They come closer. {course}"),
        None => course,
    })
}

/// Whether the distance of two informants changes over the sessions, and if so, whether it grows.
pub(super) fn drifts(difference: &CourseShape) -> Option<bool> {
    let thirds = difference.thirds?;
    let changes = difference.linear[1].p.is_some_and(|p| p < 0.05);
    changes.then(|| thirds.means[2].abs() > thirds.means[0].abs())
}

/// The role of a course.
pub(super) fn role<'f>(followed: &'f Followed<'_>, member: &Member) -> &'f str {
    followed.courses[member.course].role.as_deref().unwrap_or("score")
}

/// One course minus the other, over the sessions with both.
pub(super) fn difference(first: &Member, second: &Member) -> Option<Series> {
    let scores = first.series.numbers().iter().zip(first.series.scores());
    let both: Vec<(i64, f64)> =
        scores.filter_map(|(t, score)| Some((*t, score - second.series.score(*t)?))).collect();
    Series::of(&both).ok().filter(|series| series.n() >= 3)
}

fn sessions_word(sessions: &[i64]) -> String {
    let word = if sessions.len() == 1 { "session" } else { "sessions" };
    format!("{word} {}", listed(sessions))
}

fn listed(sessions: &[i64]) -> String {
    let shown: Vec<String> = sessions.iter().take(12).map(i64::to_string).collect();
    let more = if sessions.len() > 12 { format!(" and {} more", sessions.len() - 12) } else { String::new() };
    shown.join(", ") + &more
}
