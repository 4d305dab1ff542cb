//! The report of `check`: what is wrong with a file before it is scored.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::check_missing::missing;
use super::facts::{
    already_reversed, already_reversed_note, evidence_notes, file_facts, instrument_lines, reading_notes,
    reading_settings,
};
use super::format::{count, plural};
use super::input::files_named;
use super::model::{Block, Column, Input, InputFile, Kind, Note, PageWords, Report, Section, Table, Value};
use crate::audit::{Audited, FormLook};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::responses::{Counts, Layout};
use crate::scoring::{Plan, ScaleSummary};

/// What a run of `check` knows at its end.
pub struct Checked<'a> {
    /// How the file was read.
    pub layout: &'a Layout,
    /// How the scales would be scored.
    pub plan: &'a Plan,
    /// What became of the rows.
    pub counts: &'a Counts,
    /// The files.
    pub files: Vec<InputFile>,
    /// Words of the role column and the forms they were taken for.
    pub roles: &'a BTreeMap<String, Vec<String>>,
    /// What was seen.
    pub audited: &'a Audited,
    /// All findings, those of the reader too.
    pub findings: &'a Findings,
    /// What the stored scores and published figures are, as the user says.
    pub asked: Json,
}

/// Builds the report of `check`.
pub fn check(checked: &Checked<'_>) -> Report {
    let Checked { layout, plan, counts, files, audited, .. } = checked;
    let mut notes = hidden_note(checked.findings);
    notes.extend(reading_notes(layout));
    notes.extend(evidence_notes(layout, counts));
    notes.extend(already_reversed_note(layout, plan));
    let mut settings = reading_settings(layout, counts, checked.roles);
    settings["already_reversed"] = json!(already_reversed(layout, plan));
    settings["asked"] = checked.asked.clone();
    let mut results = json!(audited);
    results["findings"] = json!(checked.findings.kept());
    results["problems"] = json!(checked.findings.problems());
    results["counts"] = json!(checked.findings.counts());
    let mut sections = findings_sections(checked.findings, files.len() > 1);
    sections.push(Section {
        id: "items",
        title: Some("Items, as answered".to_owned()),
        blocks: vec![Block::Table(items(&audited.forms))],
    });
    sections.push(Section {
        id: "scales",
        title: Some("Scales, as they would be scored".to_owned()),
        blocks: vec![Block::Table(scales(&audited.scales))],
    });
    sections.extend(audited.attendance.as_ref().and_then(missing));
    let mut facts = file_facts(files, layout, counts);
    facts.extend(attendance(audited));
    let title = Some("How the file was read".to_owned());
    sections.push(Section { id: "reading", title, blocks: vec![Block::Facts(facts)] });
    Report {
        command: "check",
        title: title_of(&files_named(files), &layout.passes[0].instrument.id, checked.findings),
        instruments: instrument_lines(layout, counts),
        input: Some(Input { files: files.clone(), used: counts.used, dropped: counts.dropped() }),
        settings,
        results,
        sections,
        notes,
        words: PageWords::default(),
    }
}

/// Builds the report of a file whose columns or rows could not be read at all.
pub fn check_unread(file: &str, several: bool, instrument: &str, findings: &Findings) -> Report {
    Report {
        command: "check",
        title: title_of(file, instrument, findings),
        instruments: Vec::new(),
        input: None,
        settings: json!({}),
        results: json!({
            "findings": findings.kept(), "problems": findings.problems(), "counts": findings.counts(),
        }),
        sections: findings_sections(findings, several),
        notes: hidden_note(findings),
        words: PageWords::default(),
    }
}

fn title_of(file: &str, instrument: &str, findings: &Findings) -> String {
    let problems = findings.problems();
    let notes = findings.total() - problems;
    let problems =
        if problems == 0 { "no problem".to_owned() } else { plural(problems, "problem", "problems") };
    format!("{file} checked against {instrument}: {problems}, {}", plural(notes, "note", "notes"))
}

fn hidden_note(findings: &Findings) -> Vec<Note> {
    if findings.counts().values().all(|n| *n <= LISTED) {
        return Vec::new();
    }
    let text = format!("{LISTED} findings of a kind are listed; --findings csv gives them all as data");
    vec![Note::new("findings_not_listed", text)]
}

fn findings_sections(findings: &Findings, several: bool) -> Vec<Section> {
    let section = |id: &'static str, title: &str, severity: Severity| {
        let of: Vec<&Finding> =
            findings.kept().iter().filter(|finding| finding.severity == severity).collect();
        let blocks = vec![Block::Table(findings_table(&of, findings.counts(), several))];
        (!of.is_empty()).then(|| Section { id, title: Some(title.to_owned()), blocks })
    };
    let problems = section("problems", "Problems", Severity::Problem);
    problems.into_iter().chain(section("notes", "Notes", Severity::Note)).collect()
}

/// So many findings of one kind are listed on a page.
const LISTED: u64 = 10;

fn findings_table(findings: &[&Finding], counts: &BTreeMap<Code, u64>, several: bool) -> Table {
    let mut table = Table::new(
        "findings",
        vec![
            Column::hidden("severity"),
            Column::new("code", "Finding"),
            if several { Column::new("file", "File") } else { Column::hidden("file") },
            Column::new("line", "Line"),
            Column::hidden("column"),
            Column::new("what", "What"),
        ],
    );
    let mut listed: BTreeMap<Code, u64> = BTreeMap::new();
    let mut last_help: Option<&String> = None;
    for finding in findings {
        let severity = if finding.severity == Severity::Problem { "problem" } else { "note" };
        let n = listed.entry(finding.code).or_default();
        *n += 1;
        let mut row = |line: Value, column: Value, what: String| {
            table.rows.push(vec![
                Value::text(severity),
                Value::text(finding.code.id()),
                Value::text(&finding.place.file),
                line,
                column,
                Value::text(what),
            ]);
        };
        if *n <= LISTED {
            let help = finding.help.as_ref().filter(|help| last_help != Some(help));
            last_help = finding.help.as_ref();
            row(
                finding.place.line.map_or(Value::Empty, Value::count),
                finding.place.column.as_deref().map_or(Value::Empty, Value::text),
                help.map_or_else(|| finding.message.clone(), |help| format!("{}: {help}", finding.message)),
            );
        } else if *n == LISTED + 1 {
            let more = counts.get(&finding.code).map_or(0, |all| all - LISTED);
            row(Value::Empty, Value::Empty, format!("… and {} more", count(more)));
        }
    }
    table
}

fn items(forms: &[FormLook]) -> Table {
    let mut table = Table::new(
        "items",
        vec![
            Column::new("form", "Form"),
            Column::hidden("item"),
            Column::new("column", "Item"),
            Column::new("reversed", "Key"),
            Column::new("n", "n"),
            Column::new("missing", "Missing %"),
            Column::new("mean", "M"),
            Column::new("min", "Min"),
            Column::new("max", "Max"),
            Column::new("floor", "Lowest %"),
            Column::new("ceiling", "Highest %"),
            Column::new("r", "r"),
        ],
    );
    for form in forms {
        for item in &form.items {
            table.rows.push(vec![
                Value::text(&form.form),
                Value::text(&item.item),
                Value::text(&item.column),
                if item.reversed { Value::text("reversed") } else { Value::Empty },
                Value::count(item.n),
                Value::Number(item.missing, Kind::Percent),
                Value::number(item.mean, Kind::Score),
                Value::number(item.min, Kind::Exact),
                Value::number(item.max, Kind::Exact),
                Value::number(item.floor, Kind::Percent),
                Value::number(item.ceiling, Kind::Percent),
                Value::number(item.r, Kind::Bounded),
            ]);
        }
    }
    if forms.iter().flat_map(|form| &form.items).any(|item| item.r.is_some()) {
        table.notes.push(
            "r: correlation, as the key has the item, with the sum of the other items of its scale that are not reversed."
                .to_owned(),
        );
    }
    table
}

fn scales(summaries: &[ScaleSummary]) -> Table {
    let mut table = Table::new(
        "scales",
        vec![
            Column::new("form", "Form"),
            Column::new("scale", "Scale"),
            Column::new("k", "Items"),
            Column::new("n", "n"),
            Column::new("mean", "M"),
            Column::new("sd", "SD"),
            Column::new("range", "Possible"),
            Column::new("floor", "Floor %"),
            Column::new("ceiling", "Ceiling %"),
            Column::new("no_score", "No score"),
        ],
    );
    for summary in summaries {
        table.rows.push(vec![
            Value::text(&summary.form),
            Value::text(&summary.scale),
            Value::count(summary.k as u64),
            Value::count(summary.n),
            Value::number(summary.mean, Kind::Score),
            Value::number(summary.sd, Kind::Score),
            summary.range.map_or(Value::Empty, |range| Value::Pair(range, Kind::Exact)),
            Value::number(summary.floor, Kind::Percent),
            Value::number(summary.ceiling, Kind::Percent),
            Value::count(summary.no_score.values().sum()),
        ]);
    }
    table
}

fn attendance(audited: &Audited) -> Option<(String, String)> {
    let attendance = audited.attendance.as_ref()?;
    let (one, many) = match attendance.unit {
        "family" => ("family", "families"),
        "person" => ("person", "persons"),
        _ => ("dyad", "dyads"),
    };
    let mut text = plural(attendance.units, one, many);
    if attendance.meetings > 0 {
        text += &format!(", {} in all", plural(attendance.meetings, "session", "sessions"));
    }
    Some(("Who".to_owned(), text))
}
