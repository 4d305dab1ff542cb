//! The report of `score`: what came out, and its receipt.

use std::collections::BTreeMap;

use serde_json::json;

use super::facts::{
    already_reversed, already_reversed_note, evidence_notes, file_facts, instrument_lines, reading_notes,
    reading_settings,
};
use super::format::{count, number, plural};
use super::input::files_named;
use super::model::{Block, Column, Input, InputFile, Kind, Note, PageWords, Report, Section, Table, Value};
use crate::responses::{Counts, Layout};
use crate::scoring::{As, Columns, NormInUse, Plan, PlannedNorms, Reason, Rules, ScaleSummary};

/// What a run of `score` knows at its end.
pub struct Scored<'a> {
    /// How the file was read.
    pub layout: &'a Layout,
    /// How the scales were scored.
    pub plan: &'a Plan,
    /// What the user said about scoring.
    pub rules: &'a Rules,
    /// What became of the rows.
    pub counts: &'a Counts,
    /// The files.
    pub files: &'a [InputFile],
    /// Words of the role column and the forms they were taken for.
    pub roles: &'a BTreeMap<String, Vec<String>>,
    /// What came out.
    pub summaries: &'a [ScaleSummary],
    /// Name of the output, without the way to it; none for standard output.
    pub output: Option<String>,
    /// Which columns were written.
    pub columns: Columns,
    /// The norms, if the user brought any.
    pub norms: Option<&'a PlannedNorms>,
    /// Whether inferred keys were accepted.
    pub accept_inferred: bool,
}

/// Builds the report of `score`. Its JSON is the receipt.
pub fn score(scored: &Scored<'_>) -> Report {
    let Scored { layout, counts, summaries, .. } = scored;
    let ids: Vec<&str> = layout.passes.iter().map(|pass| pass.instrument.id.as_str()).collect();
    let title = format!(
        "{} of {} scored with {}",
        plural(counts.used, "row", "rows"),
        files_named(scored.files),
        ids.join(" and ")
    );
    let mut notes = reading_notes(layout);
    notes.extend(evidence_notes(layout, counts));
    notes.extend(score_notes(summaries));
    notes.extend(already_reversed_note(layout, scored.plan));
    let rejected: u64 = counts.rejected.values().sum();
    if rejected > 0 {
        let cells =
            plural(rejected, "cell that is no allowed answer is", "cells that are no allowed answers are");
        notes.push(Note::new(
            "rejected",
            format!("{cells} missing, as --on-invalid missing asks; they are listed above"),
        ));
    }
    let mut facts = file_facts(scored.files, layout, counts);
    facts.push(("Rule".to_owned(), rule_in_words(scored)));
    if let Some(norms) = scored.norms {
        notes.extend(norms_met(norms, summaries).into_iter().map(norm_note));
        notes.extend(without_norm(summaries, norms));
    }
    let dropped = counts.dropped();
    let mut settings = reading_settings(layout, counts, scored.roles);
    settings["scales"] = json!(scales(scored));
    settings["as"] = json!(scored.rules.kind);
    settings["already_reversed"] = json!(already_reversed(layout, scored.plan));
    settings["norms"] = match scored.norms {
        None => json!(null),
        Some(norms) => {
            json!({ "file": norms.name, "used": norms_met(norms, summaries), "percentile": "normal distribution" })
        }
    };
    settings["accept_inferred"] = json!(scored.accept_inferred);
    settings["output"] = json!({
        "name": scored.output,
        "columns": if scored.columns == Columns::All { "all" } else { "scores" },
    });
    Report {
        command: "score",
        title,
        instruments: instrument_lines(layout, counts),
        input: Some(Input { files: scored.files.to_vec(), used: counts.used, dropped }),
        settings,
        results: json!({ "scales": summaries }),
        sections: vec![
            Section {
                id: "scales",
                title: None,
                blocks: vec![Block::Table(table(summaries, ids.len() > 1))],
            },
            Section {
                id: "reading",
                title: Some("How the file was read".to_owned()),
                blocks: vec![Block::Facts(facts)],
            },
        ],
        notes,
        words: PageWords::default(),
    }
}

fn metric(kind: As) -> &'static str {
    match kind {
        As::Mean => "mean",
        As::Sum => "sum",
        As::Pomp => "percent of the maximum",
    }
}

/// What a norm is, and what it became.
fn norm_note(norm: &NormInUse) -> Note {
    let of = format!("{} ({})", norm.scale, norm.form);
    let n = norm.n.map_or(String::new(), |n| format!(", n = {}", count(n)));
    let source = norm.source.as_ref().map_or(", no source given".to_owned(), |source| format!(", {source}"));
    let what = match (norm.mean, norm.sd, norm.mean_as_scored, norm.sd_as_scored) {
        (Some(mean), Some(sd), Some(as_mean), Some(as_sd)) => {
            let converted = if norm.score == norm.scored_as {
                String::new()
            } else {
                let [as_mean, as_sd] = [as_mean, as_sd].map(|value| number(value, Kind::Score));
                format!(", which is M = {as_mean}, SD = {as_sd} as a {}", metric(norm.scored_as))
            };
            format!("M = {mean}, SD = {sd} as a {}{converted}", metric(norm.score))
        }
        _ => {
            let lines = norm.table_lines.unwrap_or_default();
            format!("a table of {lines} raw scores (as a {}) and their T", metric(norm.score))
        }
    };
    Note::new("norm", format!("norm for {of}: {what}{n}{source}"))
}

/// The norms that meet a scale and form of the file.
fn norms_met<'n>(norms: &'n PlannedNorms, summaries: &[ScaleSummary]) -> Vec<&'n NormInUse> {
    norms.used.iter().filter(|norm| summaries.iter().any(|summary| serves(norm, summary))).collect()
}

/// Whether a norm is one for a scale and form. Rows without a form are scored as the first.
fn serves(norm: &NormInUse, summary: &ScaleSummary) -> bool {
    let form = norm.form == summary.form || summary.form == "unspecified";
    form && norm.instrument == summary.instrument && norm.scale == summary.scale
}

/// Scales and forms in the file for which no norm was given.
fn without_norm(summaries: &[ScaleSummary], norms: &PlannedNorms) -> Option<Note> {
    let has = |summary: &&ScaleSummary| norms.used.iter().any(|norm| serves(norm, summary));
    let lacking: Vec<String> =
        summaries.iter().filter(|s| !has(s)).map(|s| format!("{} ({})", s.scale, s.form)).collect();
    let text = format!("no norm was given for: {}; their z, T and percentile are empty", lacking.join(", "));
    (!lacking.is_empty()).then(|| Note::new("no_norm", text))
}

fn table(summaries: &[ScaleSummary], several: bool) -> Table {
    let mut instrument = Column::new("instrument", "Instrument");
    instrument.shown = several;
    let mut table = Table::new(
        "scales",
        vec![
            instrument,
            Column::new("form", "Form"),
            Column::new("scale", "Scale"),
            Column::new("k", "Items"),
            Column::new("n", "n"),
            Column::new("mean", "M"),
            Column::new("sd", "SD"),
            Column::new("min", "Min"),
            Column::new("max", "Max"),
            Column::new("range", "Possible"),
            Column::new("floor", "Floor %"),
            Column::new("ceiling", "Ceiling %"),
            Column::new("prorated", "Prorated"),
            Column::new("no_score", "No score"),
            Column::hidden("too_few_answered"),
            Column::hidden("not_answered"),
            Column::hidden("score"),
            Column::hidden("min_answered"),
            Column::hidden("evidence"),
        ],
    );
    let any_prorated = summaries.iter().any(|summary| summary.prorated > 0);
    for summary in summaries {
        let reason =
            |id: &str| summary.no_score.iter().filter(|(r, _)| r.id() == id).map(|(_, n)| *n).sum::<u64>();
        table.rows.push(vec![
            Value::text(&summary.instrument),
            Value::text(&summary.form),
            Value::text(&summary.scale),
            Value::count(summary.k as u64),
            Value::count(summary.n),
            Value::number(summary.mean, Kind::Score),
            Value::number(summary.sd, Kind::Score),
            Value::number(summary.min, Kind::Score),
            Value::number(summary.max, Kind::Score),
            summary.range.map_or(Value::Empty, |range| Value::Pair(range, Kind::Exact)),
            Value::number(summary.floor, Kind::Percent),
            Value::number(summary.ceiling, Kind::Percent),
            if any_prorated { Value::count(summary.prorated) } else { Value::Empty },
            Value::count(summary.no_score.values().sum()),
            Value::count(reason("too_few_answered")),
            Value::count(reason("not_answered")),
            Value::text(summary.score.id()),
            Value::count(summary.min_answered as u64),
            Value::text(summary.evidence.id()),
        ]);
    }
    table
}

/// Why rows have no score, and scores that ask for a note.
fn score_notes(summaries: &[ScaleSummary]) -> Vec<Note> {
    let mut notes = Vec::new();
    for (reason, why) in [
        (
            Reason::TooFewAnswered,
            "fewer items answered than the rule asks for (another rule: --min-answered)",
        ),
        (Reason::NotAnswered, "nothing answered"),
    ] {
        let of = |form: &str, instrument: &str| -> Vec<String> {
            let here = summaries.iter().filter(|s| s.form == form && s.instrument == instrument);
            here.filter_map(|s| Some(format!("{} {}", s.scale, count(*s.no_score.get(&reason)?)))).collect()
        };
        let mut by: Vec<String> = Vec::new();
        for summary in summaries {
            let scales = of(&summary.form, &summary.instrument);
            let text = format!("{} {}", summary.form, scales.join(", "));
            if !scales.is_empty() && !by.contains(&text) {
                by.push(text);
            }
        }
        if !by.is_empty() {
            notes.push(Note::new("no_score", format!("rows without a score, {why}: {}", by.join("; "))));
        }
    }
    for summary in summaries {
        if let Some(below) = summary.below_note.filter(|n| *n > 0) {
            let scores = plural(below, "score lies", "scores lie");
            let of = format!("{} ({})", summary.scale, summary.form);
            let text = format!(
                "{of}: {scores} below the value at which the instrument asks for attention; this is no norm"
            );
            notes.push(Note::new("below_note", text));
        }
    }
    notes
}

fn rule_in_words(scored: &Scored<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for planned in &scored.plan.scales {
        for edition in &planned.editions {
            let kind = match edition.kind {
                As::Mean => "mean",
                As::Sum => "sum",
                As::Pomp => "percent of the maximum possible",
            };
            let k = edition.terms.len();
            let need = if edition.min_answered == k {
                "all".to_owned()
            } else {
                format!("at least {}", edition.min_answered)
            };
            let part = format!("{kind} of {k} items, {need} answered");
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
    }
    parts.join("; ")
}

fn scales(scored: &Scored<'_>) -> Vec<serde_json::Value> {
    let mut scales = Vec::new();
    for planned in &scored.plan.scales {
        let pass = &scored.layout.passes[planned.pass];
        for edition in &planned.editions {
            let scale = &pass.instrument.scales[edition.scale];
            let items: Vec<String> = scale
                .items
                .iter()
                .map(|keyed| {
                    format!(
                        "{}{}",
                        if keyed.reversed { "-" } else { "" },
                        pass.instrument.items[keyed.item].id
                    )
                })
                .collect();
            scales.push(json!({
                "instrument": pass.instrument.id,
                "scale": planned.id,
                "forms": edition.forms.iter().map(|form| &pass.instrument.forms[*form].id).collect::<Vec<_>>(),
                "items": items,
                "score": edition.kind,
                "min_answered": edition.min_answered,
                "range": edition.range,
                "evidence": scale.evidence,
                "source": pass.instrument.sources[scale.source].cite,
            }));
        }
    }
    scales
}
