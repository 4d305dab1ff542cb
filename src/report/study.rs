//! What every report on a whole study says alike.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::facts::{
    already_reversed, already_reversed_note, evidence_notes, instrument_lines, reading_notes,
    reading_settings,
};
use super::format::{count, plural};
use super::model::{Input, InputFile, InstrumentLine, Note, PageWords, Report, Section};
use crate::error::Error;
use crate::finding::Place;
use crate::instrument::SCORES;
use crate::responses::{Counts, Key};
use crate::sample::{Sample, Selection};

/// The codes of notes that [`Study::report`] adds to every report.
pub(super) const STUDY_NOTES: [&str; 6] =
    ["columns", "unnamed_columns", "form_unspecified", "responses", "key_not_verified", "already_reversed"];

/// A study in memory, with how it was read.
pub struct Study {
    /// The rows.
    pub sample: Sample,
    /// What became of the rows of the file.
    pub counts: Counts,
    /// The files.
    pub files: Vec<InputFile>,
    /// Words of the role column and the forms they were taken for.
    pub roles: BTreeMap<String, Vec<String>>,
}

impl Study {
    /// The names of its files.
    pub fn file_names(&self) -> String {
        self.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Whether scores were given instead of answers.
    pub fn is_of_scores(&self) -> bool {
        self.sample.layout.passes[0].instrument.id == SCORES
    }

    /// Id of the instrument; none for scores that somebody else computed.
    pub fn instrument(&self) -> Option<&str> {
        Some(self.sample.layout.passes[0].instrument.id.as_str()).filter(|id| *id != SCORES)
    }

    /// The name of a form in output; none for scores that somebody else computed.
    pub fn form_name(&self, form: Option<usize>) -> Option<String> {
        (!self.is_of_scores()).then(|| self.sample.form_name(form).to_owned())
    }

    /// A column of the file as numbers.
    ///
    /// # Errors
    /// Those of [`Sample::numbers`].
    pub fn numbers(&self, option: &str, column: &str) -> Result<Vec<Option<f64>>, Error> {
        self.sample.numbers(option, column, &self.names())
    }

    /// Where a row stands in its file.
    pub fn place(&self, row: usize) -> Place {
        self.sample.place(row, &self.names())
    }

    /// The names of the files for findings: of a single file as the user gave it.
    fn names(&self) -> Vec<&str> {
        match &self.files[..] {
            [_] => vec![&self.sample.layout.file],
            files => files.iter().map(|file| file.name.as_str()).collect(),
        }
    }

    /// Who a row is about, by the keys of the file.
    pub fn who(&self, row: usize) -> String {
        let keys = [Key::Dyad, Key::Person, Key::Family, Key::Role, Key::Session];
        let words = keys
            .into_iter()
            .filter_map(|key| Some(format!("{} {}", key.id(), self.sample.key(key)?.get(row))));
        let words: Vec<String> = words.collect();
        if words.is_empty() { format!("row {}", row + 1) } else { words.join(" ") }
    }

    /// A report with everything but its own part: envelope, how the file was read, notes on reading and evidence.
    /// `settings` is an object with the command's own settings; the reading settings are added under `reading`.
    pub fn report(
        &self,
        command: &'static str,
        title: String,
        settings: Json,
        results: Json,
        sections: Vec<Section>,
        own: Vec<Note>,
    ) -> Report {
        let layout = &self.sample.layout;
        let mut notes = own;
        notes.extend(reading_notes(layout));
        notes.extend(evidence_notes(layout, &self.counts));
        notes.extend(already_reversed_note(layout, &self.sample.plan));
        let mut settings = settings;
        settings["already_reversed"] = json!(already_reversed(layout, &self.sample.plan));
        settings["reading"] = reading_settings(layout, &self.counts, &self.roles);
        let instruments: Vec<InstrumentLine> =
            if self.is_of_scores() { Vec::new() } else { instrument_lines(layout, &self.counts) };
        let dropped = self.counts.dropped();
        Report {
            command,
            title,
            instruments,
            input: Some(Input { files: self.files.clone(), used: self.counts.used, dropped }),
            settings,
            results,
            sections,
            notes,
            words: PageWords::default(),
        }
    }
}

/// The settings of a selection.
pub fn selection_settings(selection: &Selection) -> Json {
    json!({
        "occasion": selection.occasion.id(),
        "person": selection.person,
        "persons": selection.persons,
        "rows": selection.rows.len(),
        "rows_before": selection.rows_before,
    })
}

/// What there is to say about the rows that a statistic takes.
pub fn selection_notes(selection: &Selection) -> Vec<Note> {
    let mut notes = Vec::new();
    let person = selection.person.join(" and ");
    if selection.person.is_empty() {
        let text = "the file has no column of persons or dyads, so every row counts as another person; name one with --dyad or --person";
        notes.push(Note::new("no_person_key", text));
    } else if selection.is_repeated() {
        let persons = plural(selection.persons as u64, "person", "persons");
        let rows = count(selection.rows_before as u64);
        let taken = match selection.occasion.id() {
            "all" => "all rows are taken; rows of one person are not independent".to_owned(),
            id @ ("first" | "last") => format!("the {id} occasion of each is taken (another: --occasion)"),
            session => format!("session {session} is taken"),
        };
        notes.push(Note::new("repeated_rows", format!("{persons} (by {person}) have {rows} rows: {taken}")));
    }
    if selection.doubled > 0 {
        let persons = plural(selection.doubled as u64, "person has", "persons have");
        let text =
            format!("{persons} more than one row on the chosen occasion; the first in the file is taken");
        notes.push(Note::new("doubled_rows", text));
    }
    notes
}
