//! What courses lack, over all dyads: notes that stand even where dyads are too many to be told one by one.

use std::collections::HashSet;

use super::super::format::plural;
use super::super::model::Note;
use super::follow::{Followed, Member};
use crate::session::Lack;

/// No more dyads than this are named.
const MOST_NAMED: usize = 12;

/// Notes on sessions and scores that are not what a course needs.
pub(super) fn notes(followed: &Followed<'_>) -> Vec<Note> {
    let scale = followed.following.scales.first().copied();
    let members = || {
        let all = followed.groups.iter().filter(|group| Some(group.scale) == scale);
        all.flat_map(|group| &group.members)
    };
    let which = |holds: &dyn Fn(&Member) -> bool| -> Vec<&str> {
        let mut seen = HashSet::new();
        let dyads = members().filter(|member| holds(member));
        let names = dyads.map(|member| followed.courses[member.course].dyad.as_str());
        names.filter(|name| seen.insert(*name)).collect()
    };
    let lacks = |member: &Member, kind: fn(&Lack) -> bool| member.series.lacks().iter().any(kind);
    let disorder = |member: &Member| {
        let visits = &followed.courses[member.course].visits;
        visits.windows(2).any(|pair| pair[1].row < pair[0].row)
    };
    let constant = |member: &Member| {
        let scores = member.series.scores();
        scores.len() > 1 && scores.iter().all(|score| *score == scores[0])
    };
    let kinds: [(&'static str, &str, Vec<&str>); 5] = [
        (
            "dates_disagree",
            "a later session number has an earlier date, in",
            which(&|m| lacks(m, |lack| matches!(lack, Lack::DatesDisagree { .. }))),
        ),
        (
            "sessions_out_of_order",
            "rows do not stand in the order of their sessions, and were sorted by session number, in",
            which(&disorder),
        ),
        (
            "worker_changes",
            "the worker changes within the sessions, and a fall across the change is not called a rupture, in",
            which(&|m| lacks(m, |lack| matches!(lack, Lack::WorkerChanges { .. }))),
        ),
        ("one_session", "one session with a score is no course, in", which(&|m| m.series.n() == 1)),
        ("all_scores_equal", "all scores of a course are equal, in", which(&constant)),
    ];
    let mut notes = Vec::new();
    for (code, text, dyads) in kinds {
        if !dyads.is_empty() {
            notes.push(Note::new(code, format!("{text} {}", named(&dyads))));
        }
    }
    notes
}

fn named(dyads: &[&str]) -> String {
    let shown = dyads.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
    match dyads.len() {
        1 => format!("dyad {shown}"),
        n if n <= MOST_NAMED => format!("dyads {shown}"),
        n => format!("{} ({shown}, …)", plural(n as u64, "dyad", "dyads")),
    }
}
