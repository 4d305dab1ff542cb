//! What several reports say alike: which instrument, which file, how it was read.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::format::{count, plural};
use super::input::dialect_words;
use super::model::{InputFile, InstrumentLine, Note};
use super::wide::{wide_facts, wide_settings};
use crate::instrument::{Evidence, Instrument};
use crate::responses::{Counts, FormRule, Layout, Missing, OnInvalid, TextColumn, Why, Word, WordMap};
use crate::scoring::Plan;

/// The envelope's line for an instrument, with the forms that were used.
pub fn instrument_lines(layout: &Layout, counts: &Counts) -> Vec<InstrumentLine> {
    let line = |(at, pass): (usize, &crate::responses::Pass)| {
        let used: Vec<usize> = counts
            .by_form
            .iter()
            .filter(|((of, _), n)| *of == at && **n > 0)
            .filter_map(|((_, form), _)| *form)
            .collect();
        let weakest = used.iter().map(|form| pass.instrument.evidence(Some(*form))).max_by_key(|e| *e as u8);
        let forms = match pass.form {
            FormRule::Unspecified => vec!["unspecified".to_owned()],
            _ => used.iter().map(|form| pass.instrument.forms[*form].id.clone()).collect(),
        };
        let evidence = match pass.form {
            FormRule::Unspecified => pass.instrument.evidence(None),
            _ => weakest.unwrap_or(Evidence::Verified),
        };
        about(&pass.instrument, forms, evidence)
    };
    layout.passes.iter().enumerate().map(line).collect()
}

/// The envelope's line for an instrument.
pub fn about(instrument: &Instrument, forms: Vec<String>, evidence: Evidence) -> InstrumentLine {
    InstrumentLine {
        id: instrument.id.clone(),
        edition: instrument.edition.clone(),
        revision: instrument.revision,
        forms,
        digest: instrument.digest.clone(),
        key_digest: instrument.key_digest.clone(),
        evidence: evidence.id().to_owned(),
    }
}

/// Column after column: `wai_1 … wai_12`, or a list where the names do not run on.
fn column_list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [first, .., last] if names.len() > 4 => format!("{first} … {last} ({} columns)", names.len()),
        _ => names.join(", "),
    }
}

/// How the file was read, for people.
pub fn file_facts(files: &[InputFile], layout: &Layout, counts: &Counts) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut fact = |name: &str, text: String| facts.push((name.to_owned(), text));
    match files {
        [file] => fact("File", dialect_words(&file.read_as)),
        _ => files.iter().for_each(|InputFile { name, rows, read_as, .. }| {
            fact("File", format!("{name}: {}, {}", plural(*rows, "row", "rows"), dialect_words(read_as)));
        }),
    }
    for (name, text) in wide_facts(layout) {
        fact(&name, text);
    }
    for (at, pass) in layout.passes.iter().enumerate().filter(|_| !layout.is_wide()) {
        let names: Vec<&str> = layout
            .slots
            .iter()
            .filter(|slot| slot.pass == at)
            .map(|slot| layout.names[slot.column].as_str())
            .collect();
        let name = if layout.passes.len() > 1 {
            format!("Items of {}", pass.instrument.id)
        } else {
            "Items".to_owned()
        };
        fact(&name, column_list(&names));
    }
    fact("Keys", keys(layout));
    let kept: Vec<&str> =
        layout.texts.iter().filter(|t| t.why == Why::Kept).map(|t| t.name.as_str()).collect();
    if !kept.is_empty() {
        fact("Kept", kept.join(", "));
    }
    for (at, map) in layout.words.iter().enumerate() {
        if let Some(words) = words_used(layout, counts, at) {
            fact("Words", words);
        } else if let Some((file, _)) = &map.file {
            fact("Words", format!("no answer is a word of `{}` ({file})", map.set));
        }
    }
    fact("Rows", rows(counts));
    fact("Missing", missing(layout, counts));
    facts
}

/// The words of a response set that stood for answers, and how often.
fn words_used(layout: &Layout, counts: &Counts, map: usize) -> Option<String> {
    let WordMap { pass, set, file, words, .. } = &*layout.words[map];
    let used: Vec<String> = words
        .iter()
        .enumerate()
        .filter_map(|(at, word)| Some((word, counts.labels.get(&(map, at))?)))
        .map(|(word, n)| format!("{} = {} ({})", word.text, word.value, count(*n)))
        .collect();
    let of = match file {
        Some((file, _)) => format!("of `{set}`, from {file}"),
        None => format!("of `{set}`, from the definition of {}", layout.passes[*pass].instrument.id),
    };
    (!used.is_empty()).then(|| format!("{}; {of}", used.join(", ")))
}

/// The keys, and how each was found.
fn keys(layout: &Layout) -> String {
    let name = |text: &TextColumn| {
        let Why::Key { key, assumed } = text.why else { return None };
        let own = text.name == key.id();
        let name = if own { text.name.clone() } else { format!("{} = {}", key.id(), text.name) };
        let named = !assumed && text.column.is_some();
        Some(if named { format!("{name} (named)") } else { name })
    };
    let list = |in_file: bool| -> Vec<String> {
        layout.texts.iter().filter(|text| text.column.is_some() == in_file).filter_map(name).collect()
    };
    let (in_file, in_names) = (list(true), list(false));
    let mut parts = Vec::new();
    if !in_file.is_empty() {
        let assumed = |text: &TextColumn| matches!(text.why, Why::Key { assumed: true, .. });
        let how = if layout.texts.iter().any(assumed) { ", recognised by name where not named" } else { "" };
        parts.push(in_file.join(", ") + how);
    }
    if !in_names.is_empty() {
        parts.push(format!("{} in the names of the columns", in_names.join(" and ")));
    }
    if parts.is_empty() {
        return "none found; name them with --person, --dyad, --role, --session …".to_owned();
    }
    parts.join("; ")
}

fn rows(counts: &Counts) -> String {
    let mut text = format!("{} read", count(counts.records));
    if counts.unfolded != counts.records {
        text.push_str(&format!(", unfolded into {}", count(counts.unfolded)));
    }
    text.push_str(&format!(", {} used", count(counts.used)));
    for (n, what) in [
        (counts.filtered, "left out by --where"),
        (counts.other_form, "of another form"),
        (counts.unanswered, "without any answer, skipped"),
        (counts.blank, "wholly empty, skipped"),
    ] {
        if n > 0 {
            text.push_str(&format!(", {} {what}", count(n)));
        }
    }
    text
}

/// The word for a reason why an answer is missing.
fn reason_word(layout: &Layout, reason: Missing) -> String {
    match reason {
        Missing::Blank => "blank".to_owned(),
        Missing::NotAvailable => "NA".to_owned(),
        Missing::Code(at) => {
            format!("code {}", layout.missing.words().get(usize::from(at)).map_or("?", String::as_str))
        }
        Missing::Rejected => "rejected".to_owned(),
    }
}

fn missing(layout: &Layout, counts: &Counts) -> String {
    let total: u64 = counts.missing.values().sum();
    if total == 0 {
        return "no answer is missing".to_owned();
    }
    let answers = counts.used * layout.slots.len() as u64;
    let share = 100.0 * total as f64 / answers.max(1) as f64;
    let by: Vec<String> = counts
        .missing
        .iter()
        .map(|(reason, n)| format!("{} {}", count(*n), reason_word(layout, *reason)))
        .collect();
    format!("{} of {} answers ({share:.1} %): {}", count(total), count(answers), by.join(", "))
}

/// How the file was read, for machines.
pub fn reading_settings(layout: &Layout, counts: &Counts, roles: &BTreeMap<String, Vec<String>>) -> Json {
    let instrument = |(at, pass): (usize, &crate::responses::Pass)| {
        let items: Vec<Json> = layout
            .slots
            .iter()
            .filter(|slot| slot.pass == at)
            .map(|slot| {
                let column = (!layout.is_wide()).then(|| layout.names[slot.column].as_str());
                json!({ "item": pass.instrument.items[slot.item].id, "column": column })
            })
            .collect();
        let form = match pass.form {
            FormRule::Fixed(form) => json!(pass.instrument.forms[form].id),
            FormRule::Unspecified => json!("unspecified"),
            FormRule::ByRole => json!("by role"),
        };
        let responses = pass.responses.map(|set| pass.instrument.responses[set].id.clone());
        json!({ "instrument": pass.instrument.id, "form": form, "responses": responses, "items": items })
    };
    let texts = |wanted: fn(&Why) -> bool| -> Vec<Json> {
        let of = |text: &&TextColumn| wanted(&text.why);
        let entry = |text: &TextColumn| match text.why {
            Why::Key { key, assumed } => json!({ "key": key, "column": text.name, "assumed": assumed }),
            Why::Kept | Why::Filter | Why::File => json!(text.name),
        };
        layout.texts.iter().filter(of).map(entry).collect()
    };
    let on_invalid = match layout.on_invalid {
        OnInvalid::Reject => "reject",
        OnInvalid::Missing => "missing",
    };
    let filters: Vec<Json> =
        layout.filters().map(|filter| json!({ "column": filter.column, "values": filter.values })).collect();
    let rejected: BTreeMap<&str, u64> =
        counts.rejected.iter().map(|(slot, n)| (layout.item_name(*slot), *n)).collect();
    let words = |(at, map): (usize, &Arc<WordMap>)| {
        let word = |(word, of): (usize, &Word)| {
            let cells = counts.labels.get(&(at, word)).copied().unwrap_or_default();
            json!({ "label": of.text, "value": of.value, "language": of.language, "cells": cells })
        };
        json!({
            "instrument": layout.passes[map.pass].instrument.id,
            "responses": map.set,
            "file": map.file.as_ref().map(|(name, _)| name),
            "digest": map.file.as_ref().map(|(_, digest)| digest),
            "labels": map.words.iter().enumerate().map(word).collect::<Vec<_>>(),
        })
    };
    let labels: Vec<Json> = layout
        .words
        .iter()
        .enumerate()
        .filter(|(at, map)| map.file.is_some() || counts.labels.keys().any(|(of, _)| of == at))
        .map(words)
        .collect();
    json!({
        "instruments": layout.passes.iter().enumerate().map(instrument).collect::<Vec<_>>(),
        "patterns": layout.patterns.iter().map(|pattern| &pattern.text).collect::<Vec<_>>(),
        "wide": wide_settings(layout),
        "labels": labels,
        "keys": texts(|why| matches!(why, Why::Key { .. })),
        "kept": texts(|why| *why == Why::Kept),
        "roles": roles,
        "where": filters,
        "missing_codes": layout.missing.words(),
        "on_invalid": on_invalid,
        "counts": {
            "rows": counts.records,
            "unfolded_into": counts.unfolded,
            "used": counts.used,
            "blank_rows_skipped": counts.blank,
            "left_out_by_where": counts.filtered,
            "of_another_form": counts.other_form,
            "without_any_answer_skipped": counts.unanswered,
            "columns_without_name_skipped": layout.unnamed,
            "missing": counts.missing.iter().map(|(reason, n)| (reason_word(layout, *reason), *n)).collect::<BTreeMap<_, _>>(),
            "rejected_cells": rejected,
        },
    })
}

/// What there is to say about how a file was read.
pub(super) fn reading_notes(layout: &Layout) -> Vec<Note> {
    let mut notes: Vec<Note> = layout.notes.iter().map(|text| Note::new("columns", text.clone())).collect();
    if layout.unnamed > 0 {
        let columns = plural(layout.unnamed as u64, "column", "columns");
        notes.push(Note::new("unnamed_columns", format!("{columns} without a name skipped")));
    }
    for pass in &layout.passes {
        if pass.form == FormRule::Unspecified {
            let forms: Vec<&str> = pass.instrument.forms.iter().map(|form| form.id.as_str()).collect();
            let text = format!(
                "nothing says which form of {} this is; all of them ({}) are scored alike, so the rows are scored as `unspecified`. Say which with --form, or --role",
                pass.instrument.id,
                forms.join(", ")
            );
            notes.push(Note::new("form_unspecified", text));
        }
        if let Some(set) = pass.responses {
            let set = &pass.instrument.responses[set];
            let text = format!(
                "{} is scored with the answers `{}` ({})",
                pass.instrument.id,
                set.id,
                set.describe()
            );
            notes.push(Note::new("responses", text));
        }
    }
    notes
}

/// What there is to say about keys that are not verified.
pub(super) fn evidence_notes(layout: &Layout, counts: &Counts) -> Vec<Note> {
    let mut notes = Vec::new();
    for (at, pass) in layout.passes.iter().enumerate() {
        for evidence in [Evidence::Recalled, Evidence::Inferred] {
            let used = |form: &usize| {
                pass.form == FormRule::Unspecified
                    || counts.by_form.get(&(at, Some(*form))).is_some_and(|n| *n > 0)
            };
            let mut scales: Vec<&str> = pass
                .instrument
                .scales
                .iter()
                .filter(|scale| scale.evidence == evidence && scale.forms.iter().any(used))
                .map(|scale| scale.id.as_str())
                .collect();
            scales.dedup();
            if !scales.is_empty() {
                let text = format!(
                    "the key of {} is {}, not verified, for: {}. See `alliance show {}`",
                    pass.instrument.id,
                    evidence.id(),
                    scales.join(", "),
                    pass.instrument.id
                );
                notes.push(Note::new("key_not_verified", text));
            }
        }
    }
    notes
}

/// The items that the file holds reversed already, as `INSTRUMENT.ITEM`.
pub(super) fn already_reversed(layout: &Layout, plan: &Plan) -> Vec<String> {
    let name = |slot: &usize| {
        let slot = &layout.slots[*slot];
        let instrument = &layout.passes[slot.pass].instrument;
        format!("{}.{}", instrument.id, instrument.items[slot.item].id)
    };
    plan.already_reversed.iter().map(name).collect()
}

/// Says that items were not reversed because the user said so.
pub(super) fn already_reversed_note(layout: &Layout, plan: &Plan) -> Option<Note> {
    let items = already_reversed(layout, plan);
    let one = if items.len() == 1 { "is" } else { "are" };
    let text = format!(
        "{} {one} taken as the file has it, reversed already, as --already-reversed says",
        items.join(", ")
    );
    (!items.is_empty()).then(|| Note::new("already_reversed", text))
}
