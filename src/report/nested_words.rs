//! What `nested` says in words.

use super::format::{Kind, number, plural};
use super::growth::{LEAST_DYADS, SIX_SIMULATED};
use super::model::Note;
use super::nested::{NestedAsked, NestedLine, Workers};
use super::said::Said;
use crate::nested::{Components, Status};

/// What a reader should take home, scale by scale.
pub(super) fn in_words(line: &NestedLine) -> Option<String> {
    let found = line.generalizability.as_ref().ok()?;
    let bounded = |value: f64| number(value, Kind::Bounded);
    let mut text = format!(
        "{}, {}, {} sessions each:",
        line.rows.of.words(),
        plural(found.persons as u64, "person", "persons"),
        number(found.mean_occasions, Kind::Score)
    );
    if let Ok(alphas) = &line.alphas
        && let (Some(pooled), Some(within)) = (alphas.pooled.estimate, alphas.within.estimate)
    {
        text += &format!(" alpha over all rows is {}, within a person {}.", bounded(pooled), bounded(within));
        if pooled - within >= 0.10 {
            text += " The first is mostly about differences between persons; the second says how well the sessions of one person are told apart.";
        }
    }
    let coefficient = |id: &str| found.coefficients.iter().find(|own| own.id == id)?.value.estimate;
    if let (Some(one), Some(mean)) = (coefficient("r1r"), coefficient("rkr")) {
        text += &format!(
            " One session tells persons apart with {}, the mean of all with {}.",
            bounded(one),
            bounded(mean)
        );
    }
    if let Some(rc) = coefficient("rc") {
        text += &format!(" Change within a person is seen with {}.", bounded(rc));
    }
    let sessions = found.d_study.iter().find(|row| row.coefficient == "rkr" && row.target == 0.80);
    if let Some(sessions) = sessions.and_then(|row| row.needed) {
        let words = if sessions == 1 {
            "One session reaches".to_owned()
        } else {
            format!("{sessions} sessions reach")
        };
        text += &format!(" {words} .80.");
    }
    Some(text)
}

/// What cannot be had, and what to take lightly.
pub(super) fn own_notes(lines: &[NestedLine], asked: &NestedAsked) -> Vec<Note> {
    let mut notes = Vec::new();
    let fewest = lines.iter().filter_map(|line| Some(line.generalizability.as_ref().ok()?.persons)).min();
    if let Some(persons) = fewest.filter(|persons| *persons < 15) {
        let text = format!(
            "with {}, resampling them gives no honest limits (15 are needed), so none are shown: take every coefficient here as a description of these persons",
            plural(persons as u64, "person", "persons")
        );
        notes.push(Note::new("few_persons", text));
        if persons < LEAST_DYADS {
            let text = format!("how far differences between so few persons can be known: {SIX_SIMULATED}");
            notes.push(Note::new("few_simulated", text));
        }
    } else if asked.replicates > 0 {
        let text = format!(
            "limits: percentiles of {} samples of persons drawn again, seed {}",
            asked.replicates, asked.seed
        );
        notes.push(Note::new("limits", text));
    }
    let mut said = Said::default();
    for line in lines {
        let of = line.rows.of.words();
        match &line.generalizability {
            Err(error) => said.say("no_generalizability", &of, error.to_string()),
            Ok(found) => {
                for (components, design) in [(&found.crossed, "crossed"), (&found.nested, "nested")] {
                    component_note(&mut said, &of, components, design);
                }
            }
        }
        if let Err(error) = &line.alphas
            && line.generalizability.is_ok()
        {
            said.say("no_level_alphas", &of, error.to_string());
        }
        for (group, found) in &line.icc {
            if let Err(error) = found {
                said.say("no_icc", &of, format!("by {group}, {error}"));
            }
        }
        match &line.workers {
            Some(Err(error)) => {
                let text = format!("sessions in dyads in workers cannot be told apart: {error}");
                said.say("no_workers", &of, text);
            }
            Some(Ok(found)) if found.with_several < 10 => said.say("few_workers", &of, few_workers(found)),
            _ => {}
        }
        if let Some(Err(error)) = &line.raters {
            said.say("no_rater_study", &of, format!("raters, {error}"));
        }
    }
    notes.extend(said.notes());
    notes
}

fn component_note(said: &mut Said, of: &str, components: &Components, design: &str) {
    let negative: Vec<String> = components
        .components
        .iter()
        .filter_map(|own| Some(format!("{} ({:.4})", own.source.replace('_', " "), own.negative?)))
        .collect();
    if !negative.is_empty() {
        let text = format!(
            "{design}, mean squares make a component negative: {}; it counts as 0 unless --negative raw",
            negative.join(", ")
        );
        return said.say("negative_component", of, text);
    }
    match components.status {
        Status::Regular => {}
        Status::Singular => {
            said.say("singular", of, format!("{design}, a component lies at its boundary, 0"))
        }
        Status::NotConverged => {
            let text = format!("{design}, the search for the components did not end; do not report them");
            said.say("not_converged", of, text);
        }
    }
}

/// Only workers with several dyads tell a worker's part from a dyad's.
fn few_workers(found: &Workers) -> String {
    let several = match found.with_several {
        several if several == found.workers => String::new(),
        1 => ", of whom one has more than one dyad".to_owned(),
        several => format!(", of whom {several} have more than one dyad"),
    };
    let lightly = if found.with_several < 3 {
        "a worker's part and a dyad's can hardly be told apart"
    } else {
        "take it lightly under 10"
    };
    let workers = plural(found.workers as u64, "worker", "workers");
    format!("what lies between workers rests on {workers}{several}: {lightly}")
}
