//! Every dyad in one line.

use super::super::model::{Block, Section};
use super::follow::{Followed, Group, Member};
use super::story::{difference, drifts, percent, role, together};
use super::thresholds::name as group_name;
use super::words;
use crate::session::{
    Episode, FalseAlarms, Lack, Outcome, Rule, ShapeConfig, ShapeLabel, ThresholdScale, course_shape,
};
use crate::statistic::Reason;

/// The dyads at a glance, on the first scale.
pub(super) fn section(followed: &Followed<'_>, dyads: &[Vec<usize>]) -> Option<Section> {
    let scale = *followed.following.scales.first()?;
    let fact = |dyad: &Vec<usize>| {
        (format!("Dyad {}", followed.courses[dyad[0]].dyad), of_dyad(followed, dyad, scale))
    };
    let facts = dyads.iter().map(fact).collect();
    let mut blocks = vec![Block::Facts(facts)];
    blocks.extend(what_a_rupture_is(followed).map(Block::Text));
    Some(Section { id: "glance", title: Some("At a glance".to_owned()), blocks })
}

/// The leading rule in a sentence, and how often it would find something where nothing changes.
pub(in crate::report) fn what_a_rupture_is(followed: &Followed<'_>) -> Option<String> {
    let rule = followed.rules.get(followed.leading)?;
    let usual = Rule::usual();
    let what = if rule.id == usual.id {
        let of = |group: &Group| {
            let points = 1.96 * group.sample.get(ThresholdScale::FluctuationWithin).ok()?;
            let form = followed.study.form_name(group.form).filter(|_| followed.following.scales.len() == 1);
            let one = followed.groups.len() == 1;
            let whose = form.unwrap_or_else(|| group_name(followed, group));
            Some(if one { format!("{points:.2}") } else { format!("{points:.2} ({whose})") })
        };
        let heights: Vec<String> = followed.groups.iter().filter_map(of).collect();
        if heights.is_empty() {
            return None;
        }
        format!(
            "A rupture here is a fall from one session to the next of at least {} points: more than is usual in this sample. It is repaired once half of the fall is won back.",
            either(&heights)
        )
    } else {
        let sample = followed.groups.first().map(|group| &group.sample)?;
        format!("A rupture here, by the rule {}: {}.", rule.id, words::rule(rule, sample))
    };
    let chances = |of: fn(&FalseAlarms) -> Option<f64>| -> Option<String> {
        let each = followed.groups.iter().flat_map(|group| {
            let members = group
                .members
                .iter()
                .filter(|member| followed.leading(member).is_some_and(|found| found.reason.is_none()));
            members.filter_map(move |member| of(followed.chances(group, member)?))
        });
        let (low, high) = each.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        let (low, high) = (low.is_finite().then(|| percent(low))?, percent(high));
        Some(if low == high { low } else { format!("{} to {high}", low.trim_end_matches("\u{a0}%")) })
    };
    let error =
        chances(|alarms| alarms.error.chance_of_any).map(|text| format!("{text} by measurement error alone"));
    let swing = chances(|alarms| alarms.swing.chance_of_any)
        .map(|text| format!("{text} by this sample's usual swing"));
    let chances: Vec<String> = error.into_iter().chain(swing).collect();
    let chances = match chances.is_empty() {
        true => String::new(),
        false => format!(
            " Where nothing changes, courses as long as these show one by chance: {}.",
            chances.join(", ")
        ),
    };
    Some(what + &chances)
}

fn either(words: &[String]) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// A dyad in one sentence.
pub(in crate::report) fn of_dyad(followed: &Followed<'_>, dyad: &[usize], scale: usize) -> String {
    let members: Vec<&Member> = dyad.iter().filter_map(|at| Some(followed.member(*at, scale)?.1)).collect();
    sentence(followed, &members)
}

fn sentence(followed: &Followed<'_>, members: &[&Member]) -> String {
    let mut parts = ruptures(followed, members);
    let any = !parts.is_empty();
    parts.extend(members.iter().filter_map(|member| new_worker(member)));
    let edge = edges(followed, members);
    let at_edge = edge.is_some();
    parts.extend(edge);
    let drift = drift(members);
    if !any && !at_edge && drift.is_none() {
        parts.extend(trends(followed, members));
    }
    parts.extend(drift);
    if parts.is_empty() {
        parts.push(unjudged(followed, members).unwrap_or("no rupture, no trend").to_owned());
    }
    let text = parts.join("; ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Why nothing can be said about any of the courses.
fn unjudged(followed: &Followed<'_>, members: &[&Member]) -> Option<&'static str> {
    let reasons: Option<Vec<Reason>> =
        members.iter().map(|member| followed.leading(member)?.reason).collect();
    let most = members.iter().map(|member| member.series.n()).max().unwrap_or(0);
    match (reasons?.first()?, most) {
        (_, 0) => Some("no session has a score"),
        (_, 1) => Some("one session is no course"),
        (Reason::TooFew, _) => Some("too few sessions to say more"),
        (Reason::NoVariability, _) => Some("all scores are equal"),
        _ => Some("the rule cannot be applied"),
    }
}

fn ruptures(followed: &Followed<'_>, members: &[&Member]) -> Vec<String> {
    let episode = |member: &Member, trough: i64| {
        let found = followed.leading(member)?;
        found.episodes.iter().find(|episode| episode.trough == trough && !episode.worker_changed).cloned()
    };
    let alone = |member: &Member, trough: i64, who: String| {
        episode(member, trough)
            .map(|e| format!("{who} a rupture in session {trough}, {}", ending(member, &e)))
    };
    if let [first, second] = members
        && let Some(found) = together(followed, first, second)
    {
        let mut parts: Vec<(i64, String)> = Vec::new();
        for shared in &found.both {
            let both = episode(first, shared.first).zip(episode(second, shared.second));
            let Some((a, b)) = both else { continue };
            let when = match shared.first == shared.second {
                true => format!("session {}", shared.first),
                false => format!(
                    "sessions {} and {}",
                    shared.first.min(shared.second),
                    shared.first.max(shared.second)
                ),
            };
            let (end, other) = (ending(first, &a), ending(second, &b));
            let ends = if end == other {
                end
            } else {
                format!("{}: {end}, {}: {other}", role(followed, first), role(followed, second))
            };
            parts.push((shared.first, format!("both show a rupture in {when}, {ends}")));
        }
        for (member, only) in [(*first, &found.first_only), (*second, &found.second_only)] {
            let who = format!("the {} alone shows", role(followed, member));
            parts.extend(
                only.iter().filter_map(|trough| Some((*trough, alone(member, *trough, who.clone())?))),
            );
        }
        for trough in &found.unanswered {
            for (member, other) in [(*first, *second), (*second, *first)] {
                let who = format!(
                    "the {} shows, when the {} gave no score,",
                    role(followed, member),
                    role(followed, other)
                );
                parts.extend(alone(member, *trough, who).map(|text| (*trough, text)));
            }
        }
        parts.sort_by_key(|(session, _)| *session);
        return parts.into_iter().map(|(_, text)| text).collect();
    }
    let of = |member: &&Member| {
        let found = followed.leading(member);
        let troughs: Vec<i64> = found
            .iter()
            .flat_map(|found| &found.episodes)
            .filter(|e| !e.worker_changed)
            .map(|e| e.trough)
            .collect();
        let who = format!("the {} shows", role(followed, member));
        troughs.into_iter().filter_map(|trough| alone(member, trough, who.clone())).collect::<Vec<_>>()
    };
    members.iter().flat_map(of).collect()
}

fn ending(member: &Member, episode: &Episode) -> String {
    let last = member.series.numbers().last().copied().unwrap_or_default();
    match (episode.outcome, episode.repair) {
        (Outcome::Repaired, Some(repair)) => format!("repaired in session {repair}"),
        (Outcome::UnrepairedCensored, _) => format!("open when the sessions end with {last}"),
        _ => format!("not repaired by the last session, {last}"),
    }
}

fn new_worker(member: &Member) -> Option<String> {
    member.series.lacks().into_iter().find_map(|lack| match lack {
        Lack::WorkerChanges { sessions } => Some(format!("a new worker from session {}", sessions.first()?)),
        _ => None,
    })
}

fn edges(followed: &Followed<'_>, members: &[&Member]) -> Option<String> {
    let at = |member: &&Member| member.edge.as_ref().map(|edge| edge.edge);
    let word = |edge: Reason| if edge == Reason::Ceiling { "ceiling" } else { "floor" };
    let edges: Vec<(&Member, Reason)> = members.iter().filter_map(|m| Some((*m, at(m)?))).collect();
    match edges[..] {
        [] => None,
        [(_, a), (_, b)] if a == b && members.len() == 2 => {
            Some(format!("both stay at the {} of the scale", word(a)))
        }
        _ => {
            let each = edges.iter().map(|(m, edge)| {
                format!("the {} stays at the {} of the scale", role(followed, m), word(*edge))
            });
            Some(each.collect::<Vec<_>>().join("; "))
        }
    }
}

fn drift(members: &[&Member]) -> Option<String> {
    let [first, second] = members else { return None };
    let shape = course_shape(&difference(first, second)?, &ShapeConfig::default()).ok()?;
    drifts(&shape).map(|apart| if apart { "the two drift apart" } else { "the two come closer" }.to_owned())
}

fn trends(followed: &Followed<'_>, members: &[&Member]) -> Option<String> {
    let word = |member: &&Member| {
        let shape = course_shape(&member.series, &ShapeConfig::default()).ok()?;
        match shape.label? {
            ShapeLabel::LinearUp => Some("rises"),
            ShapeLabel::LinearDown => Some("falls"),
            _ => None,
        }
    };
    let moving: Vec<(&Member, &str)> = members.iter().filter_map(|m| Some((*m, word(m)?))).collect();
    match moving[..] {
        [] => None,
        [(_, a), (_, b)] if a == b && members.len() == 2 => {
            Some(format!("no rupture; the alliance of both {a}"))
        }
        _ => {
            let each: Vec<String> = moving
                .iter()
                .map(|(m, way)| format!("the alliance of the {} {way}", role(followed, m)))
                .collect();
            Some(format!("no rupture; {}", each.join(", ")))
        }
    }
}
