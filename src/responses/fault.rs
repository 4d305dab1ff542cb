//! What is wrong with a row or a cell, in words, with its place.

use std::cmp::Ordering;
use std::ops::Range;

use memchr::memchr;

use super::careful::Row;
use super::cell::{CellSpec, Fault};
use super::encoding::MIXED;
use super::layout::Layout;
use super::record::{lines, raw_spans};
use crate::finding::{Code, Excerpt, Finding, Findings, Place, Severity};
use crate::instrument::{Instrument, ResponseSet};

/// What a NUL byte is a sign of.
pub(super) const NUL: &str =
    "is this a text table? If it is UTF-16, say so: --encoding utf-16le (or utf-16be)";

/// A message and what to do.
pub(super) type Words = (String, String);

/// A fault of a whole row.
pub(super) fn of_row(layout: &Layout, row: &Row<'_>) -> Option<(Code, Words)> {
    let record = &row.bytes[row.range.clone()];
    if memchr(0, record).is_some() {
        return Some((Code::NulByte, ("the row holds a NUL byte".to_owned(), NUL.to_owned())));
    }
    if std::str::from_utf8(record).is_err() {
        // Rows of other encodings come here decoded, so the file is UTF-8 elsewhere, or said to be.
        let dialect = &layout.dialect;
        let (code, message, help) = if dialect.said.encoding.is_some() || dialect.byte_order_mark {
            let help = "what is it encoded in? Say so: --encoding windows-1252";
            (Code::NotUtf8, "the row is not UTF-8 text", help)
        } else {
            (Code::MixedEncodings, "the row is not UTF-8 text, as others of this file are", MIXED)
        };
        return Some((code, (message.to_owned(), help.to_owned())));
    }
    let (got, want) = (row.fields.len(), layout.width);
    let message = format!("the row has {got} fields, the header {want}");
    let (code, help) = match got.cmp(&want) {
        Ordering::Equal => return None,
        Ordering::Less => {
            (Code::TooFewFields, "is the row cut off, or does a line break in a text lack its quotes?")
        }
        Ordering::Greater if layout.dialect.delimiter == b',' => (
            Code::TooManyFields,
            "a decimal comma, or a comma in a text? Write a point, or put the field in quotes",
        ),
        Ordering::Greater => (Code::TooManyFields, "a delimiter in a text? Put the field in quotes"),
    };
    Some((code, (message, help.to_owned())))
}

/// A role that has no form.
pub(super) fn unknown_role(instrument: &Instrument, word: &[u8]) -> Words {
    let ids: Vec<&str> = instrument.forms.iter().map(|form| form.id.as_str()).collect();
    let help = format!(
        "its forms are {}; say what the word means with --roles WORD=FORM, or leave such rows out with --where or --form",
        ids.join(", ")
    );
    let word = String::from_utf8_lossy(word);
    let message = if word.is_empty() {
        format!("the role is empty, so the form of {} is not known", instrument.id)
    } else {
        format!("{} has no form for the role `{word}`", instrument.id)
    };
    (message, help)
}

/// A form whose key is open.
pub(super) fn template_form(instrument: &Instrument, form: &str, why: &str) -> Words {
    let id = &instrument.id;
    let message = format!("the form `{form}` of {id} cannot be scored: {why}");
    let help = format!(
        "complete a copy of the definition (alliance template {id}), or leave such rows out with --form"
    );
    (message, help)
}

/// A cell that is no allowed answer.
pub(super) fn of_cell(
    layout: &Layout,
    (column, pass): (usize, usize),
    (spec, words): (&CellSpec, Option<usize>),
    cell: &[u8],
    fault: Fault,
) -> Words {
    let instrument = &layout.passes[pass].instrument;
    let name = &layout.names[column];
    let allowed = spec.set.describe();
    let shown: String = String::from_utf8_lossy(cell).chars().take(40).collect();
    let alternative = |value: f64| {
        let fits = |set: &&ResponseSet| set.allows(value) && set.id != spec.set.id && set.max.is_some();
        let set = instrument.responses.iter().find(fits)?;
        Some(format!("the answers `{}` ({}) would allow it: --responses {}", set.id, set.describe(), set.id))
    };
    let correct = "correct the cell, or let such cells be missing with --on-invalid missing";
    let code = format!("{correct}; if it is a code for a missing answer, name it: --missing-codes {shown}");
    match fault {
        Fault::OutOfRange(value) => {
            let message = format!("{shown} is no answer of `{name}`: {} allows {allowed}", instrument.id);
            (message, alternative(value).unwrap_or(code))
        }
        Fault::NotAPoint(value) => {
            let message =
                format!("{shown} lies between two answers of `{name}`: {} allows {allowed}", instrument.id);
            (message, alternative(value).unwrap_or_else(|| correct.to_owned()))
        }
        Fault::Text => {
            let words = "; if the answers are words, bring their values: --labels";
            (format!("`{shown}` is not a number; `{name}` takes {allowed}"), code + words)
        }
        Fault::UnknownLabel | Fault::AmbiguousLabel => {
            let candidates = words
                .map_or(String::new(), |map| layout.words[map].candidates(&String::from_utf8_lossy(cell)));
            let message = match fault {
                Fault::UnknownLabel => {
                    format!("`{shown}` is no label of `{}`; `{name}` takes {allowed}", spec.set.id)
                }
                _ => format!("`{shown}` may be two answers of `{name}`"),
            };
            (message, format!("{candidates}; a word for a missing answer is named with --missing-codes"))
        }
        Fault::DecimalComma => {
            let (why, help) = match layout.dialect.said.decimal {
                Some(_) => ("--decimal says point", "write a point, or say --decimal comma"),
                None => (
                    "commas stand between the fields of this file",
                    "write a point, save the file with semicolons, or say --decimal comma if its fields are quoted",
                ),
            };
            (format!("`{shown}` has a decimal comma, but {why}"), help.to_owned())
        }
    }
}

/// Adds a finding about a row or one of its cells.
pub(super) fn report(
    layout: &Layout,
    row: &Row<'_>,
    column: Option<usize>,
    (code, severity): (Code, Severity),
    (message, help): Words,
    findings: &mut Findings,
) {
    if !findings.wants_text() {
        return findings.count(code, severity);
    }
    let record = &row.bytes[row.range.clone()];
    let text_end = record.len() - record.iter().rev().take_while(|b| matches!(b, b'\n' | b'\r')).count();
    let record = &record[..text_end];
    let spans = raw_spans(record, layout.dialect.delimiter);
    let cell = column.and_then(|column| spans.get(column).cloned()).unwrap_or(0..record.len());
    let line = 1 + lines(&row.bytes[..row.range.start]);
    let place = Place {
        file: layout.file.clone(),
        record: Some(row.record),
        line: Some(line + lines(&record[..cell.start])),
        column: column.map(|column| layout.names[column].clone()),
        bytes: Some((row.range.start + cell.start) as u64..(row.range.start + cell.end) as u64),
        excerpt: Some(excerpt(record, cell, line)),
    };
    findings.push(Finding { severity, ..Finding::problem(code, place, message).help(help) });
}

/// The text of a record around a cell, with the cell's place in it.
fn excerpt(record: &[u8], cell: Range<usize>, first_line: u64) -> Excerpt {
    /// So much of a long record is shown on either side.
    const AROUND: usize = 400;
    let from = cell.start.saturating_sub(AROUND);
    let to = record.len().min(cell.end.min(cell.start + AROUND) + AROUND);
    let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(['\r', '\0'], "\u{fffd}");
    let before = show(&record[from..cell.start]);
    let inside = show(&record[cell.start..cell.end.min(to)]);
    let after = show(&record[cell.end.min(to)..to]);
    let span = before.len()..before.len() + inside.len();
    let skipped = record[..from].iter().filter(|b| **b == b'\n').count() as u64;
    Excerpt { text: before + &inside + &after, first_line: first_line + skipped, span }
}
