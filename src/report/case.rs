//! The report of `case`: what the files show, by which command, and what was made unrecognisable.

use serde_json::json;

use super::facts::about;
use super::format::plural;
use super::model::{Block, Input, InputFile, Note, PageWords, Report, Section};
use crate::case::{Case, Shows};
use crate::instrument::Instrument;
use crate::responses::Records;
use crate::scoring::Explanation;

/// What a run of `case` knows at its end.
pub struct Cased<'a> {
    /// The case.
    pub case: &'a Case,
    /// The instrument.
    pub instrument: &'a Instrument,
    /// The file it was made of.
    pub records: &'a Records,
    /// Its name.
    pub file: &'a str,
    /// The folder of the case.
    pub folder: &'a str,
    /// The files in it.
    pub files: Vec<String>,
    /// The command that shows it.
    pub command: &'a str,
}

/// Builds the report of `case`.
pub fn case(cased: &Cased<'_>) -> Report {
    let Cased { case, instrument, records, .. } = cased;
    let size = format!(
        "{} of {}, {} of {}",
        case.rows,
        plural(records.len() as u64, "row", "rows"),
        case.columns.len(),
        plural(records.names.len() as u64, "column", "columns"),
    );
    let mut facts: Vec<(String, String)> =
        shown(&case.shows).into_iter().map(|line| ("Shows".to_owned(), line)).collect();
    facts.push(("Files".to_owned(), format!("{}, README.md", cased.files.join(", "))));
    facts.push(("Of the file".to_owned(), size));
    facts.push(("Made unrecognisable".to_owned(), case.masked.join("; ")));
    let evidence = instrument.evidence(None);
    let forms = instrument.forms.iter().map(|form| form.id.clone()).collect();
    let (digest, bytes) = records.digest.clone();
    let encoding = records.dialect.encoding;
    let file = InputFile {
        name: cased.file.to_owned(),
        digest,
        bytes,
        rows: records.len() as u64,
        read_as: super::read_as(&records.dialect, encoding),
        columns: None,
    };
    let mut notes = vec![Note::new(
        "look_first",
        "answers, roles, numbers of sessions and names of columns stand in the case as in the file: look through \
         its files before you send them",
    )];
    if case.unfinished {
        notes.push(Note::new("not_smallest", "the file is large: a still smaller case may exist"));
    }
    Report {
        command: "case",
        title: format!("A case of {}, to ask for help with", instrument.id),
        instruments: vec![about(instrument, forms, evidence)],
        input: Some(Input {
            files: vec![file],
            used: case.rows as u64,
            dropped: (records.len() - case.rows) as u64,
        }),
        settings: json!({}),
        results: json!({
            "shows": match &case.shows {
                Shows::Scores(rows) => json!({ "scores": rows }),
                Shows::Finding(finding) => json!({ "finding": finding }),
            },
            "run": cased.command,
            "files": cased.files,
            "rows": case.rows,
            "columns": case.columns,
            "masked": case.masked,
        }),
        sections: vec![Section {
            id: "case",
            title: None,
            blocks: vec![
                Block::Text("In the folder of the case this command shows it:".to_owned()),
                Block::Plain(vec![cased.command.to_owned()]),
                Block::Facts(facts),
            ],
        }],
        notes,
        words: PageWords::default(),
    }
}

fn shown(shows: &Shows) -> Vec<String> {
    let score = |of: &Explanation| match (of.score, of.reason) {
        (Some(score), _) => format!("{} {score}", of.scale),
        (None, reason) => format!("{} none ({})", of.scale, reason.unwrap_or_default()),
    };
    match shows {
        Shows::Finding(finding) => vec![format!("{}: {}", finding.code.id(), finding.message)],
        Shows::Scores(rows) => rows
            .iter()
            .enumerate()
            .map(|(at, row)| {
                let form = row.first().map_or("", |of| of.form.as_str());
                let scores: Vec<String> = row.iter().map(score).collect();
                format!("row {}, {form}: {}", at + 1, scores.join(", "))
            })
            .collect(),
    }
}
