//! The report of `explain`: every step from the cells to a score.

use std::collections::BTreeMap;

use serde_json::json;

use super::facts::{
    already_reversed, already_reversed_note, evidence_notes, instrument_lines, reading_notes,
    reading_settings,
};
use super::input::files_named;
use super::model::{Block, Column, Input, InputFile, Kind, PageWords, Report, Section, Table, Value};
use crate::responses::{Counts, Layout};
use crate::scoring::{As, Explanation, Plan};

/// The explained scores of one row.
pub struct Explained {
    /// Number of the row in the file.
    pub record: u64,
    /// Its line in the file.
    pub line: u64,
    /// Its keys: names and cells.
    pub keys: Vec<(String, String)>,
    /// Its scores.
    pub scales: Vec<Explanation>,
}

/// Builds the report of `explain`.
pub fn explain(
    layout: &Layout,
    plan: &Plan,
    counts: &Counts,
    files: Vec<InputFile>,
    roles: &BTreeMap<String, Vec<String>>,
    rows: &[Explained],
) -> Report {
    let mut notes = reading_notes(layout);
    notes.extend(evidence_notes(layout, counts));
    notes.extend(already_reversed_note(layout, plan));
    let mut settings = reading_settings(layout, counts, roles);
    settings["already_reversed"] = json!(already_reversed(layout, plan));
    let several = layout.passes.len() > 1;
    let sections = rows.iter().flat_map(|row| sections(row, several)).collect();
    let results: Vec<_> = rows
        .iter()
        .map(|row| {
            let keys: BTreeMap<&str, &str> =
                row.keys.iter().map(|(name, cell)| (name.as_str(), cell.as_str())).collect();
            json!({ "row": row.record, "line": row.line, "keys": keys, "scales": row.scales })
        })
        .collect();
    let name = files_named(&files);
    let title = match rows {
        [row] => format!("How the scores of row {} of {} came about", row.record, name),
        _ => format!("How the scores of {} rows of {} came about", rows.len(), name),
    };
    Report {
        command: "explain",
        title,
        instruments: instrument_lines(layout, counts),
        input: Some(Input { files, used: counts.used, dropped: counts.dropped() }),
        settings,
        results: json!({ "rows": results }),
        sections,
        notes,
        words: PageWords::default(),
    }
}

fn sections(row: &Explained, several: bool) -> Vec<Section> {
    let keys: Vec<String> = row.keys.iter().map(|(name, cell)| format!("{name} {cell}")).collect();
    let who = if keys.is_empty() { String::new() } else { format!(": {}", keys.join(", ")) };
    let mut sections = vec![Section {
        id: "row",
        title: Some(format!("Row {} (line {}){who}", row.record, row.line)),
        blocks: Vec::new(),
    }];
    for scale in &row.scales {
        let of = if several { format!("{} ", scale.instrument) } else { String::new() };
        let result = match (scale.score, scale.reason) {
            (Some(score), _) if scale.prorated => format!("{score} (prorated)"),
            (Some(score), _) => format!("{score}"),
            (None, reason) => format!("no score ({})", reason.unwrap_or_default()),
        };
        let rule = format!(
            "{} of {} items, at least {} answered; {} are",
            match scale.kind {
                As::Mean => "mean",
                As::Sum => "sum",
                As::Pomp => "percent of the maximum possible",
            },
            scale.k,
            scale.min_answered,
            scale.answered
        );
        let mut facts = vec![
            ("Rule".to_owned(), rule),
            ("Arithmetic".to_owned(), scale.arithmetic.clone()),
            ("Key".to_owned(), format!("{}: {}", scale.evidence.id(), scale.source)),
        ];
        if let Some(range) = scale.range {
            facts.insert(2, ("Possible".to_owned(), Value::Pair(range, Kind::Exact).shown()));
        }
        sections.push(Section {
            id: "scale",
            title: Some(format!("{of}{}, form {}: {result}", scale.scale, scale.form)),
            blocks: vec![Block::Table(steps(scale)), Block::Facts(facts)],
        });
    }
    sections
}

fn steps(scale: &Explanation) -> Table {
    let mut table = Table::new(
        "steps",
        vec![
            Column::hidden("instrument"),
            Column::hidden("form"),
            Column::hidden("scale"),
            Column::new("item", "Item"),
            Column::new("column", "Column"),
            Column::new("cell", "Cell"),
            Column::new("answer", "Answer"),
            Column::new("reversal", "Reversed"),
            Column::new("scored", "Counts as"),
        ],
    );
    for step in &scale.steps {
        let missing = || match step.missing {
            Some(crate::responses::Missing::Rejected) => "rejected",
            Some(crate::responses::Missing::Code(_)) => "missing (code)",
            _ => "missing",
        };
        let cell = if step.cell.is_empty() { "(empty)".to_owned() } else { step.cell.clone() };
        table.rows.push(vec![
            Value::text(&scale.instrument),
            Value::text(&scale.form),
            Value::text(&scale.scale),
            Value::text(&step.item),
            Value::text(&step.column),
            Value::text(cell),
            step.answer.map_or_else(|| Value::text(missing()), |answer| Value::Number(answer, Kind::Exact)),
            step.reversal.as_ref().map_or(Value::Empty, Value::text),
            Value::number(step.scored, Kind::Exact),
        ]);
    }
    table
}
