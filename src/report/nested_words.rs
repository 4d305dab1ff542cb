//! What `nested` says in words.

use super::format::{Kind, number, plural};
use super::growth::{LEAST_DYADS, SIX_SIMULATED};
use super::model::Note;
use super::nested::{NestedAsked, NestedLine};
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
    for line in lines {
        let of = line.rows.of.words();
        match &line.generalizability {
            Err(error) => notes.push(Note::new("no_generalizability", format!("{of}: {error}"))),
            Ok(found) => {
                for (components, design) in [(&found.crossed, "crossed"), (&found.nested, "nested")] {
                    notes.extend(component_note(&of, components, design));
                }
            }
        }
        if let Err(error) = &line.alphas
            && line.generalizability.is_ok()
        {
            notes.push(Note::new("no_level_alphas", format!("{of}: {error}")));
        }
        for (group, found) in &line.icc {
            if let Err(error) = found {
                notes.push(Note::new("no_icc", format!("{of}, by {group}: {error}")));
            }
        }
        match &line.workers {
            Some(Err(error)) => {
                let text = format!("{of}: sessions in dyads in workers cannot be told apart: {error}");
                notes.push(Note::new("no_workers", text));
            }
            Some(Ok(found)) if found.workers < 10 => {
                let text = format!(
                    "{of}: what lies between workers rests on {}: take it lightly under 10",
                    plural(found.workers as u64, "worker", "workers")
                );
                notes.push(Note::new("few_workers", text));
            }
            _ => {}
        }
        if let Some(Err(error)) = &line.raters {
            notes.push(Note::new("no_rater_study", format!("{of}, raters: {error}")));
        }
    }
    notes
}

fn component_note(of: &str, components: &Components, design: &str) -> Option<Note> {
    let negative: Vec<String> = components
        .components
        .iter()
        .filter_map(|own| Some(format!("{} ({:.4})", own.source.replace('_', " "), own.negative?)))
        .collect();
    if !negative.is_empty() {
        let text = format!(
            "{of}, {design}: mean squares make a component negative: {}; it counts as 0 unless --negative raw",
            negative.join(", ")
        );
        return Some(Note::new("negative_component", text));
    }
    match components.status {
        Status::Regular => None,
        Status::Singular => {
            Some(Note::new("singular", format!("{of}, {design}: a component lies at its boundary, 0")))
        }
        Status::NotConverged => Some(Note::new(
            "not_converged",
            format!("{of}, {design}: the search for the components did not end; do not report them"),
        )),
    }
}
