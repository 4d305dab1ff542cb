//! The tables of `quality`.

use super::format::{Kind, number};
use super::model::{Column, Table, Value};
use super::quality::QualityForm;
use super::reliability::ScaleLine;
use crate::quality::{Line, Mark};
use crate::statistic::Reason;

/// How many patterns of gaps a page shows.
const MOST_PATTERNS: usize = 8;

pub(super) fn text(text: impl Into<String>) -> Value {
    let text: String = text.into();
    if text.is_empty() { Value::Empty } else { Value::Text(text) }
}

/// A line a form: how many persons are marked, and for what.
pub(super) fn forms(forms: &[QualityForm]) -> Table {
    let mut columns = QualityForm::columns(forms, false);
    columns.extend([
        Column::new("sheets", "Sheets"),
        Column::new("k", "Items"),
        Column::new("gaps", "Gaps %"),
        Column::new("run_against_reversed", "Run against reversed"),
        Column::new("long_run", "Long run"),
        Column::new("long_sequence", "Repeated sequence"),
        Column::new("far", "Far"),
        Column::new("marked", "Marked"),
        Column::new("line_ceiling", "All at the top"),
        Column::new("line_floor", "All at the bottom"),
    ]);
    let mut table = Table::new("forms", columns);
    for form in forms {
        let persons = &form.found.persons;
        let marked = |mark: Mark| persons.iter().filter(|person| person.marks.contains(&mark)).count();
        let gaps = (form.missing.cells > 0).then(|| form.missing.missing as f64 / form.missing.cells as f64);
        let counts = [
            marked(Mark::RunAgainstReversed),
            marked(Mark::LongRun),
            marked(Mark::LongSequence),
            marked(Mark::Far),
            persons.iter().filter(|person| !person.marks.is_empty()).count(),
            form.lines(Line::Ceiling),
            form.lines(Line::Floor),
        ];
        let mut row = form.cells();
        row.extend([
            Value::count(persons.len() as u64),
            Value::count(form.items.len() as u64),
            Value::number(gaps, Kind::Percent),
        ]);
        row.extend(counts.map(|count| Value::count(count as u64)));
        table.rows.push(row);
    }
    if let Some(form) = forms.first() {
        let config = &form.found.config;
        table.notes.push(format!(
            "Marked: over at least {} % of the items in their printed order, before reversing, a run of one answer, or a sequence such as 1-2-3 that comes three times; a distance D² with p < {}.",
            number(100.0 * config.long, Kind::Count),
            number(1.0 - config.distance_level, Kind::Fine),
        ));
    }
    table
}

/// Floor and ceiling of scales.
pub(super) fn scales(forms: &[QualityForm]) -> Table {
    let lines: Vec<&ScaleLine> = forms.iter().flat_map(|form| &form.scales).map(|scale| &scale.of).collect();
    let mut columns = ScaleLine::columns(&lines, false);
    columns.extend([
        Column::new("n", "n"),
        Column::new("without", "No score"),
        Column::new("floor", "Floor %"),
        Column::new("ceiling", "Ceiling %"),
        Column::new("distinct", "Different scores"),
        Column::new("bottom_box", "Answers at bottom %"),
        Column::new("top_box", "At top %"),
        Column::new("mark", ""),
    ]);
    let mut table = Table::new("scales", columns);
    for scale in forms.iter().flat_map(|form| &form.scales) {
        let ends = &scale.ends;
        let mut row = scale.of.cells();
        row.extend([
            Value::count(ends.n as u64),
            Value::count(ends.without as u64),
            Value::number(ends.floor, Kind::Percent),
            Value::number(ends.ceiling, Kind::Percent),
            Value::count(ends.distinct as u64),
            Value::number(ends.bottom_box, Kind::Percent),
            Value::number(ends.top_box, Kind::Percent),
            text(if ends.many_at_an_end { "above 15 %" } else { "" }),
        ]);
        table.rows.push(row);
    }
    let note = "Above 15 % at an end a scale is commonly said to have a floor or ceiling effect (Terwee et al., 2007).";
    table.notes.push(note.to_owned());
    table
}

/// How often persons stand at the ceiling over their sessions.
pub(super) fn sessions(forms: &[QualityForm]) -> Table {
    let lines: Vec<&ScaleLine> = forms.iter().flat_map(|form| &form.scales).map(|scale| &scale.of).collect();
    let mut columns = ScaleLine::columns(&lines, false);
    columns.extend([
        Column::new("persons", "Persons"),
        Column::new("sessions", "Sessions"),
        Column::new("sessions_at_ceiling", "At the top %"),
        Column::new("median_share", "Median person %"),
        Column::new("always", "Always"),
        Column::new("never", "Never"),
    ]);
    let mut table = Table::new("sessions", columns);
    for scale in forms.iter().flat_map(|form| &form.scales) {
        let Some(found) = &scale.sessions else { continue };
        let mut row = scale.of.cells();
        row.extend([
            Value::count(found.persons as u64),
            Value::count(found.sessions as u64),
            Value::Number(found.share, Kind::Percent),
            Value::Number(found.median_share, Kind::Percent),
            Value::count(found.always as u64),
            Value::count(found.never as u64),
        ]);
        table.rows.push(row);
    }
    table.notes.push(
        "Persons with at least two scored sessions, whichever occasion the rest of this is about.".to_owned(),
    );
    table
}

/// Floor, ceiling and gaps of items.
pub(super) fn items(form: &QualityForm) -> Table {
    let mut columns = QualityForm::columns(std::slice::from_ref(form), true);
    columns.extend([
        Column::new("item", "Item"),
        Column::new("n", "n"),
        Column::new("missing", "Gaps"),
        Column::new("missing_share", "Gaps %"),
        Column::new("floor", "Floor %"),
        Column::new("ceiling", "Ceiling %"),
        Column::hidden("even_share"),
        Column::new("mark", ""),
    ]);
    let mut table = Table::new("items", columns);
    table.title = Some(form.words());
    for item in &form.items {
        let minus = if item.reversed { "−" } else { "" };
        let marks = [
            (item.many_at_an_end, "many at an end"),
            (item.often_missing, "often missing"),
            (item.n == 0, "answered by nobody"),
        ];
        let marks: Vec<&str> =
            marks.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words).collect();
        let mut row = form.cells();
        row.extend([
            Value::text(format!("{minus}{}", item.item)),
            Value::count(item.n as u64),
            if item.missing > 0 { Value::count(item.missing as u64) } else { Value::Empty },
            if item.missing > 0 { Value::number(item.missing_share, Kind::Percent) } else { Value::Empty },
            Value::number(item.floor, Kind::Percent),
            Value::number(item.ceiling, Kind::Percent),
            Value::number(item.even_share, Kind::Percent),
            text(marks.join("; ")),
        ]);
        table.rows.push(row);
    }
    let note = "−: reversed before the shares are taken, so that the ceiling is the best alliance. Many at an end: more than 100/points %. Often missing: more than 10 %.";
    table.notes.push(note.to_owned());
    table
}

/// Gaps of forms, and whether they depend on the answers.
pub(super) fn missing(forms: &[QualityForm]) -> Table {
    let mut columns = QualityForm::columns(forms, false);
    columns.extend([
        Column::new("sheets", "Sheets"),
        Column::new("complete", "Complete"),
        Column::new("stopped_early", "Stopped early"),
        Column::new("without_any", "No answer"),
        Column::new("gaps", "Gaps %"),
        Column::new("patterns", "Patterns"),
        Column::new("little", "Little's χ²"),
        Column::new("df", "df"),
        Column::new("p", "p"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("missing", columns);
    for form in forms.iter().filter(|form| form.missing.missing > 0) {
        let found = &form.missing;
        let test = found.little.as_ref();
        let reason = found.little_reason.or(test.and_then(|test| test.reason));
        let mut row = form.cells();
        row.extend([
            Value::count(found.n as u64),
            Value::count(found.complete as u64),
            Value::count(found.stopped_early as u64),
            Value::count(found.without_any as u64),
            Value::Number(found.missing as f64 / found.cells as f64, Kind::Percent),
            Value::count(found.patterns.len() as u64),
            Value::number(test.map(|test| test.statistic), Kind::Score),
            Value::number(test.map(|test| test.df as f64), Kind::Count),
            Value::number(test.and_then(|test| test.p), Kind::P),
            text(reason.map_or("", Reason::words)),
        ]);
        table.rows.push(row);
    }
    let note = "Little's test: a small p says that persons with other gaps answered otherwise, so that leaving them out may bias what is left; a large p is no proof that gaps are random. Stopped early: no answer from some item to the last.";
    table.notes.push(note.to_owned());
    table
}

/// The patterns of gaps of a form, the most frequent first.
pub(super) fn patterns(form: &QualityForm, everything: bool) -> Table {
    let mut columns = QualityForm::columns(std::slice::from_ref(form), true);
    columns.extend([
        Column::new("sheets", "Sheets"),
        Column::new("gap_items", "Left out"),
        Column::hidden("answered"),
    ]);
    let mut table = Table::new("patterns", columns);
    if form.missing.missing == 0 {
        return table;
    }
    let patterns = &form.missing.patterns;
    let shown = if everything { patterns.len() } else { MOST_PATTERNS.min(patterns.len()) };
    let some = format!(", the first {shown} of {} patterns (all of them: --all)", patterns.len());
    let some = if shown < patterns.len() { some } else { String::new() };
    table.title = Some(format!("{}{some}", form.words()));
    for pattern in &patterns[..shown] {
        let all = pattern.missing.len() == form.items.len();
        let words = match pattern.missing.as_slice() {
            [] => "nothing".to_owned(),
            _ if all => "everything".to_owned(),
            items => items.join(" "),
        };
        let mut row = form.cells();
        row.extend([Value::count(pattern.n as u64), Value::text(words), Value::text(&pattern.answered)]);
        table.rows.push(row);
    }
    table
}
