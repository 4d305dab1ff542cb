//! Every dyad in one line.

use super::super::model::{Block, Section};
use super::follow::{Followed, Member};
use super::story::{difference, drifts, role, together};
use crate::session::{Episode, Lack, Outcome, ShapeConfig, ShapeLabel, course_shape};
use crate::statistic::Reason;

/// The dyads at a glance, on the first scale.
pub(super) fn section(followed: &Followed<'_>, dyads: &[Vec<usize>]) -> Option<Section> {
    let scale = *followed.following.scales.first()?;
    let fact = |dyad: &Vec<usize>| {
        let members: Vec<&Member> =
            dyad.iter().filter_map(|at| Some(followed.member(*at, scale)?.1)).collect();
        (format!("Dyad {}", followed.courses[dyad[0]].dyad), sentence(followed, &members))
    };
    let facts = dyads.iter().map(fact).collect();
    Some(Section { id: "glance", title: Some("At a glance".to_owned()), blocks: vec![Block::Facts(facts)] })
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
