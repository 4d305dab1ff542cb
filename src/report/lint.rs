//! The report of `lint`: what a sound definition holds.

use serde_json::json;

use super::facts::about;
use super::model::{Block, Note, PageWords, Report, Section};
use crate::instrument::Instrument;

/// A definition that passed.
pub struct Linted<'a> {
    /// The instrument.
    pub instrument: &'a Instrument,
    /// Name of its file.
    pub file: &'a str,
    /// Name of the file of its cases, if they stand apart.
    pub cases: Option<&'a str>,
}

/// Builds the report of `lint`.
pub fn lint(linted: &Linted<'_>) -> Report {
    let Linted { instrument, file, cases } = linted;
    let facts = vec![
        (
            "Instrument".to_owned(),
            format!("{}, {} ({})", instrument.id, instrument.name(), instrument.edition),
        ),
        (
            "Forms".to_owned(),
            instrument.forms.iter().map(|form| form.id.as_str()).collect::<Vec<_>>().join(", "),
        ),
        ("Scales".to_owned(), instrument.scale_ids().join(", ")),
        ("Factor models".to_owned(), instrument.models.len().to_string()),
        (
            "Worked cases".to_owned(),
            format!(
                "{} recomputed{}",
                instrument.cases.len(),
                cases.map(|name| format!(", from {name}")).unwrap_or_default()
            ),
        ),
        ("Key digest".to_owned(), instrument.key_digest.clone()),
    ];
    let notes = instrument.forms.iter().filter_map(|form| {
        let why = form.template.as_ref()?;
        Some(Note::new("template", format!("the form `{}` is a template and will not score: {why}", form.id)))
    });
    Report {
        command: "lint",
        title: format!("{file} is sound"),
        instruments: vec![about(
            instrument,
            instrument.forms.iter().map(|form| form.id.clone()).collect(),
            instrument.evidence(None),
        )],
        input: None,
        settings: json!({}),
        results: json!({
            "sound": true, "items": instrument.items.len(), "scales": instrument.scale_ids(),
            "models": instrument.models.len(), "cases": instrument.cases.len(),
        }),
        sections: vec![Section { id: "lint", title: None, blocks: vec![Block::Facts(facts)] }],
        notes: notes.collect(),
        words: PageWords::default(),
    }
}
