//! A dyad in sentences.

use super::super::format::{Kind, number, plural};
use super::follow::{Followed, Group, Member};
use super::items::{fallen, last_fall};
use crate::session::{
    Alignment, CourseShape, Detection, Episode, FallenItem, FalseAlarms, Informant, Lack, Outcome, Series,
    ShapeConfig, ShapeLabel, Signal, align, course_shape,
};
use crate::statistic::Reason;

fn score(value: f64) -> String {
    number(value, Kind::Score)
}

/// Charts have limits from so many sessions on, and firm ones from so many.
const LEAST_CHART: usize = 8;
const FIRM: usize = 12;

/// A course in sentences, each part with its label: the role first, then `rupture`, `smaller fall`, `last session` as they
/// occur.
pub(in crate::report) fn course(
    followed: &Followed<'_>,
    group: &Group,
    member: &Member,
) -> Vec<(String, String)> {
    let series = &member.series;
    let mut head = vec![basics(series)];
    head.extend(lacks(series));
    if let Some(edge) = &member.edge {
        let end = if edge.edge == Reason::Ceiling { ("ceiling", "highest") } else { ("floor", "lowest") };
        head.push(format!(
            "At the {}: {} of {} sessions lie within {} of the {} possible score, so little can be told from it",
            end.0,
            edge.sessions,
            edge.n,
            score(edge.within),
            end.1
        ));
    }
    let mut parts = Vec::new();
    let is_chart =
        matches!(followed.rules.get(followed.leading).map(|rule| &rule.signal), Some(Signal::Chart { .. }));
    if is_chart && (LEAST_CHART..FIRM).contains(&series.n()) {
        head.push(format!("Limits from {} sessions are trial limits", series.n()));
    }
    if let Some(found) = followed.leading(member) {
        match (found.reason, found.episodes.is_empty()) {
            (Some(reason), _) => head.push(unjudged(found, member, reason)),
            (None, true) => head.push("No rupture".to_owned()),
            (None, false) => parts.extend(ruptures(followed, group, member, found)),
        }
        parts.extend(noticed(followed, group, member, found));
    }
    parts.extend(last(followed, group, member));
    let mut facts = vec![(role(followed, member).to_owned(), head.join(". ") + ".")];
    facts.extend(parts.into_iter().map(|(label, text)| (format!("  {label}"), text)));
    facts
}

fn basics(series: &Series) -> String {
    let n = plural(series.n() as u64, "session", "sessions");
    match series.mean() {
        None => "No session has a score".to_owned(),
        Some(mean) => {
            let trend = trend(series).map_or(String::new(), |trend| format!(", {trend}"));
            format!("{n}, M = {}{trend}", score(mean))
        }
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
        ShapeLabel::Stable => "no trend".to_owned(),
        ShapeLabel::U => "high, low and high again over its whole length".to_owned(),
        ShapeLabel::InvertedU => "low, high and low again over its whole length".to_owned(),
        ShapeLabel::LinearUp | ShapeLabel::LinearDown => slope(&shape),
    })
}

fn slope(shape: &CourseShape) -> String {
    let slope = shape.linear[1];
    let way = if slope.estimate > 0.0 { "rises" } else { "falls" };
    format!("{way} by {} a session over its whole length", score(slope.estimate.abs()))
}

fn unjudged(found: &Detection, member: &Member, reason: Reason) -> String {
    let why = match reason {
        Reason::TooFew if member.series.n() < 3 => "too few sessions",
        Reason::TooFew => "too few sessions in the sample or in this course",
        Reason::NoVariability => "all scores are equal",
        Reason::TooFewClusters => "a growth model of the sample needs ten courses",
        Reason::NotConverged => "the search for the growth model of the sample did not end",
        _ => "the sample does not give what it needs (answers to several items, or a range)",
    };
    format!("The rule {} cannot be applied: {why}", found.rule)
}

fn ruptures(
    followed: &Followed<'_>,
    group: &Group,
    member: &Member,
    found: &Detection,
) -> Vec<(&'static str, String)> {
    let one = |episode: &Episode| {
        let items = episode.at.0.map(|start| fallen(followed, group, member, (start, episode.at.1)));
        let items = items.map(|items| in_words(&items)).filter(|text| !text.is_empty());
        let items = items.map_or(String::new(), |text| format!(" Fell most: {text}."));
        let label = if episode.worker_changed { "new worker" } else { "rupture" };
        (label, format!("{}.{items}", episode_in_words(&member.series, episode)))
    };
    let mut parts: Vec<(&'static str, String)> = found.episodes.iter().map(one).collect();
    if let Some(((_, text), chance)) =
        parts.last_mut().zip(followed.chances(group, member).and_then(by_chance))
    {
        text.push_str(&format!(" {chance}"));
    }
    parts
}

fn episode_in_words(series: &Series, episode: &Episode) -> String {
    let low = series.score(episode.trough).map_or(String::new(), score);
    let from = match episode.start.and_then(|start| Some((start, series.score(start)?))) {
        Some((start, high)) => format!("from {} in session {start} down to {low}", score(high)),
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
            format!("Repaired in session {repair}, all the way")
        }
        (Outcome::Repaired, Some(repair), Some(back)) => {
            format!("Repaired in session {repair}, all the way in session {back}")
        }
        (Outcome::Repaired, Some(repair), None) => {
            format!("Repaired in session {repair}, but never all the way")
        }
        (Outcome::UnrepairedCensored, ..) => {
            "Open: the sessions end before a repair could be seen".to_owned()
        }
        _ => format!(
            "Not repaired by the last session, {}",
            series.numbers().last().copied().unwrap_or_default()
        ),
    };
    format!("Session {}: {from}. {end}", episode.trough)
}

fn noticed(
    followed: &Followed<'_>,
    group: &Group,
    member: &Member,
    found: &Detection,
) -> Option<(&'static str, String)> {
    let lighter = lighter_falls(member, found);
    let chance = followed.chances_noticed(group, member).and_then(by_chance);
    let chance = chance.map_or(String::new(), |text| format!(" {text}"));
    let label = if lighter.len() == 1 { "smaller fall" } else { "smaller falls" };
    let sessions = sessions_word(&lighter);
    let sessions = sessions.replacen('s', "S", 1);
    (!lighter.is_empty())
        .then(|| (label, format!("{sessions}: larger than measurement error, no rupture.{chance}")))
}

/// The lowest sessions of falls larger than measurement error that the leading rule does not call ruptures.
pub(in crate::report) fn lighter_falls(member: &Member, found: &Detection) -> Vec<i64> {
    let ruptures: Vec<i64> = found.episodes.iter().map(|episode| episode.trough).collect();
    let noticed = member.noticed.episodes.iter().map(|episode| episode.trough);
    noticed.filter(|trough| !ruptures.contains(trough)).collect()
}

/// What marks are worth: how often the rule finds something where nothing changes.
pub(in crate::report) fn by_chance(alarms: &FalseAlarms) -> Option<String> {
    let chances = match (alarms.error.chance_of_any, alarms.swing.chance_of_any) {
        (Some(error), Some(swing)) if percent(error) == percent(swing) => {
            format!("{} of courses this long", percent(error))
        }
        (Some(error), Some(swing)) => {
            format!(
                "{} of courses this long by error alone, {} by usual swing",
                percent(error),
                percent(swing)
            )
        }
        (Some(error), None) => format!("{} of courses this long by error alone", percent(error)),
        (None, Some(swing)) => format!("{} of courses this long by usual swing", percent(swing)),
        (None, None) => return None,
    };
    Some(format!("By chance: {chances}."))
}

/// A chance in whole percent, as simulations give no more; never broken between lines.
pub(super) fn percent(chance: f64) -> String {
    match 100.0 * chance {
        none if none < 1.0 => "under 1\u{a0}%".to_owned(),
        all if all > 99.0 => "over 99\u{a0}%".to_owned(),
        some => format!("{some:.0}\u{a0}%"),
    }
}

fn last(followed: &Followed<'_>, group: &Group, member: &Member) -> Option<(&'static str, String)> {
    let (before, after, items) = last_fall(followed, group, member)?;
    let series = &member.series;
    let (from, to) = (series.score(before)?, series.score(after)?);
    let text = in_words(&items);
    (!text.is_empty()).then(|| {
        let text =
            format!("Session {after}: {} after {}. Lower than before: {text}.", score(to), score(from));
        ("last session", text)
    })
}

fn in_words(items: &[FallenItem]) -> String {
    let one = |item: &FallenItem| {
        format!(
            "{}\u{a0}({}\u{a0}→\u{a0}{})",
            item.item,
            number(item.from, Kind::Exact),
            number(item.to, Kind::Exact)
        )
    };
    items.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Two informants of a dyad under the leading rule; none where it cannot be applied to both.
pub(in crate::report) fn together(
    followed: &Followed<'_>,
    first: &Member,
    second: &Member,
) -> Option<Alignment> {
    let (a, b) = (followed.leading(first)?, followed.leading(second)?);
    if a.reason.is_some() || b.reason.is_some() {
        return None;
    }
    let first = Informant { series: &first.series, episodes: &a.episodes };
    let second = Informant { series: &second.series, episodes: &b.episodes };
    Some(align(first, second, followed.following.tolerance))
}

/// The two side by side, in words.
pub(in crate::report) fn both(followed: &Followed<'_>, names: [&str; 2], members: [&Member; 2]) -> String {
    let mut parts = Vec::new();
    let found = together(followed, members[0], members[1]);
    let judged = found.is_some();
    if let Some(found) = found {
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
    match (parts.is_empty(), judged) {
        (false, _) => parts.join(". ") + ".",
        (true, true) => "Neither shows a rupture.".to_owned(),
        (true, false) => "They cannot be compared: the rule cannot be applied to both.".to_owned(),
    }
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
    let more = match sessions.len() {
        0..=12 => String::new(),
        n if n < 1000 => format!(" and {} more", n - 12),
        _ => " and many more".to_owned(),
    };
    shown.join(", ") + &more
}
