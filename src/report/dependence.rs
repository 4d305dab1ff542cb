//! What there is to say about rows that are not independent of each other.

use std::collections::{BTreeMap, BTreeSet};

use super::format::{count, plural};
use super::model::Note;
use super::scales::Scales;
use super::study::selection_notes;
use crate::responses::Key;
use crate::sample::Words;

/// The notes on the rows that count, and on what ties them together.
pub(super) fn row_notes(scales: &Scales) -> Vec<Note> {
    let mut notes = selection_notes(&scales.selection);
    if !scales.selection.person.is_empty() && scales.selection.is_repeated() {
        let text = "how reliably change within persons, and differences between them, are measured over all these rows: \
                    `alliance nested`";
        notes.push(Note::new("nested", text));
    }
    notes.extend(pooled_roles(scales));
    notes.extend(workers(scales));
    notes
}

/// Two roles of one form in one dyad.
fn pooled_roles(scales: &Scales) -> Option<Note> {
    let sample = &scales.study.sample;
    let (role, dyad) = (sample.key(Key::Role)?, sample.key(Key::Dyad)?);
    let mut said = BTreeSet::new();
    for line in scales.lines.iter().filter(|line| line.of.role.is_none()) {
        let mut roles: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for row in &line.rows {
            roles.entry(dyad.index(*row)).or_default().insert(role.get(*row));
        }
        let doubled: Vec<&BTreeSet<&str>> = roles.values().filter(|roles| roles.len() > 1).collect();
        let words: BTreeSet<&str> = doubled.iter().copied().flatten().copied().collect();
        if !doubled.is_empty() {
            let (form, n) = (line.of.form.clone().unwrap_or_default(), doubled.len() as u64);
            let words = words.into_iter().collect::<Vec<_>>().join(" and ");
            said.insert(format!("{form}: {words} of {}", plural(n, "dyad", "dyads")));
        }
    }
    let text = format!(
        "{} stand together; their rows are not independent, and limits are too narrow (apart: --by role; together: --cluster dyad)",
        said.iter().cloned().collect::<Vec<_>>().join("; ")
    );
    (!said.is_empty() && scales.clusters().is_none()).then(|| Note::new("pooled_roles", text))
}

/// Workers who meet several persons.
fn workers(scales: &Scales) -> Option<Note> {
    let sample = &scales.study.sample;
    let worker = sample.key(Key::Worker)?;
    if scales.clusters().is_some_and(|clusters| clusters.by == column_of(scales, Key::Worker)) {
        return None;
    }
    let distinct = |words: &Words, rows: &[usize]| {
        rows.iter().map(|row| words.index(*row)).collect::<BTreeSet<_>>().len() as u64
    };
    let mut forms: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for line in &scales.lines {
        let (rows, workers) = (line.rows.len() as u64, distinct(worker, &line.rows));
        if workers < rows {
            let entry = forms.entry(line.of.form.clone().unwrap_or_default()).or_default();
            *entry = (entry.0.max(workers), entry.1.max(rows));
        }
    }
    let said = |(form, (workers, rows)): (&String, &(u64, u64))| {
        format!("{form}: {} behind {} rows", plural(*workers, "worker", "workers"), count(*rows))
    };
    let said: Vec<String> = forms.iter().map(said).collect();
    let text = format!(
        "{}. Rows of one worker may be alike; no limit takes notice of it (to let it: --cluster {})",
        said.join("; "),
        column_of(scales, Key::Worker)
    );
    (!said.is_empty()).then(|| Note::new("workers", text))
}

fn column_of(scales: &Scales, key: Key) -> String {
    let texts = &scales.study.sample.layout.texts;
    let is =
        |why: &crate::responses::Why| matches!(why, crate::responses::Why::Key { key: of, .. } if *of == key);
    texts.iter().find(|text| is(&text.why)).map_or_else(String::new, |text| text.name.clone())
}
