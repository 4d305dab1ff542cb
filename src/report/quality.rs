//! The report of `quality`: how answers were given, described and never used to leave anybody out.

use serde_json::{Value as Json, json};

use super::format::{Kind, count, number, plural};
use super::model::{Block, Column, Note, Report, Section, Table, Value};
use super::quality_json::form_json;
use super::quality_persons as persons;
use super::quality_tables as tables;
use super::reliability::ScaleLine;
use super::study::{Study, selection_notes, selection_settings};
use crate::moments::Moments;
use crate::numeric::distribution::chi_square_quantile;
use crate::quality::{CeilingSessions, ItemEnds, Line, Missingness, Quality, ScaleEnds};
use crate::sample::Selection;
use crate::statistic::Reason;

/// How a group answered a form.
pub struct QualityForm {
    /// The form.
    pub form: Option<String>,
    /// The role, if the columns that split hold it.
    pub role: Option<String>,
    /// Column and word of every column that splits.
    pub by: Vec<(String, String)>,
    /// Who the rows are about.
    pub persons: Vec<String>,
    /// The indices of each of them.
    pub found: Quality,
    /// Its items.
    pub items: Vec<ItemEnds>,
    /// Its scales.
    pub scales: Vec<QualityScale>,
    /// Its gaps.
    pub missing: Missingness,
    /// Means and covariances of highest likelihood.
    pub em: Result<Moments, Reason>,
    /// Whether some of its items are reversed and some are not.
    pub mixed: bool,
}

/// A scale of a form.
pub struct QualityScale {
    /// The scale, form and group.
    pub of: ScaleLine,
    /// How many items it has.
    pub k: usize,
    /// Its floor and ceiling.
    pub ends: ScaleEnds,
    /// How often persons stand at its ceiling over their sessions.
    pub sessions: Option<CeilingSessions>,
}

/// How much a page shows. Data formats hold all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualityPage {
    /// All persons with all indices, all patterns of gaps, and how the indices are distributed.
    pub everything: bool,
}

impl QualityForm {
    /// In words, for a heading or a note.
    pub(super) fn words(&self) -> String {
        let form = self.form.clone().filter(|_| self.role.is_none());
        let of: Vec<String> = form.into_iter().chain(self.by.iter().map(|(_, word)| word.clone())).collect();
        if of.is_empty() { "all".to_owned() } else { of.join(", ") }
    }

    /// Its cells: form and group.
    pub(super) fn cells(&self) -> Vec<Value> {
        let group = self.by.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(", ");
        vec![
            self.form.as_ref().map_or(Value::Empty, Value::text),
            if group.is_empty() { Value::Empty } else { Value::text(group) },
        ]
    }

    /// The columns of these cells; hidden where a heading says it.
    pub(super) fn columns(forms: &[QualityForm], hidden: bool) -> Vec<Column> {
        let by = forms.first().map_or(&[][..], |form| &form.by);
        let head = by.iter().map(|(column, _)| column.as_str()).collect::<Vec<_>>().join(", ");
        let mut columns = vec![Column::new("form", "Form"), Column::new("group", head)];
        columns.iter_mut().for_each(|column| column.shown = !hidden);
        columns
    }

    /// How many persons have a line of this kind.
    pub(super) fn lines(&self, line: Line) -> usize {
        self.found.persons.iter().filter(|person| person.line == Some(line)).count()
    }
}

/// Builds the report of `quality`.
pub fn quality(
    study: &Study,
    selection: &Selection,
    forms: &[QualityForm],
    page: QualityPage,
    settings: Json,
) -> Report {
    let mut settings = settings;
    settings["selection"] = selection_settings(selection);
    let mut notes = selection_notes(selection);
    notes.extend(form_notes(forms));
    let results = json!({ "forms": forms.iter().map(form_json).collect::<Vec<_>>() });
    let title = format!("How the answers to {} were given", study.instrument().unwrap_or("a form"));
    study.report("quality", title, settings, results, sections(forms, page), notes)
}

fn sections(forms: &[QualityForm], page: QualityPage) -> Vec<Section> {
    let titled = |id, title: &str, tables: Vec<Table>| Section {
        id,
        title: Some(title.to_owned()),
        blocks: tables.into_iter().filter(|table| !table.rows.is_empty()).map(Block::Table).collect(),
    };
    let each = |of: &dyn Fn(&QualityForm) -> Table| {
        let mut tables: Vec<Table> = forms.iter().map(of).filter(|table| !table.rows.is_empty()).collect();
        // What all of them say stands under the last.
        let last = tables.len().saturating_sub(1);
        tables[..last].iter_mut().for_each(|table| table.notes.clear());
        tables
    };
    let mut sections =
        vec![Section { id: "forms", title: None, blocks: vec![Block::Table(tables::forms(forms))] }];
    let heading = if page.everything { "Answer sheets" } else { "Answer sheets worth a look (all: --all)" };
    sections.push(titled("persons", heading, each(&|form| persons::persons(form, page.everything))));
    if page.everything {
        sections.push(titled("consistency", "Consistency of each answer sheet", each(&persons::consistency)));
        sections.push(titled("indices", "How the indices are distributed", vec![persons::indices(forms)]));
    }
    sections.push(titled("scales", "Floor and ceiling of scales", vec![tables::scales(forms)]));
    sections.push(titled("sessions", "At the ceiling over sessions", vec![tables::sessions(forms)]));
    sections.push(titled("items", "Floor, ceiling and gaps of items", each(&tables::items)));
    sections.push(titled("missing", "Gaps", vec![tables::missing(forms)]));
    sections.push(titled(
        "patterns",
        "Who left out what",
        each(&|form| tables::patterns(form, page.everything)),
    ));
    sections.retain(|section| !section.blocks.is_empty());
    sections
}

/// What there is to say about the forms.
fn form_notes(forms: &[QualityForm]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut say = |code: &'static str, holds: &dyn Fn(&QualityForm) -> Option<String>, after: &str| {
        let said: Vec<String> =
            forms.iter().filter_map(|form| Some(format!("{}: {}", form.words(), holds(form)?))).collect();
        if !said.is_empty() {
            notes.push(Note::new(code, format!("{}{after}", said.join("; "))));
        }
    };
    let persons = |n: usize| (n > 0).then(|| plural(n as u64, "person", "persons"));
    let after = " gave the same answer to items that say the opposite of each other: the form was hardly read, or the file holds those items reversed already (--already-reversed)";
    say("line_against_reversed", &|form| persons(form.lines(Line::AgainstReversed)), after);
    let after = " at the top on every item; on alliance scales this may be what they mean, and says nothing about care";
    say("line_at_ceiling", &|form| persons(form.lines(Line::Ceiling)), after);
    let after = ": no item says the opposite of another, so the same answer throughout cannot be told from what a person means";
    say(
        "no_reversed_items",
        &|form| (!form.mixed).then(|| plural(form.items.len() as u64, "item", "items")),
        after,
    );
    let weak = |form: &QualityForm| {
        let scales = form.found.even_odd_scales;
        (3..=5).contains(&scales).then(|| plural(scales as u64, "scale", "scales"))
    };
    say("even_odd_weak", &weak, " behind even–odd consistency: so few that most of it is chance");
    let none = |form: &QualityForm| Some(form.found.reason?.words().to_owned());
    say("no_covariances", &none, ": no covariances between the items, and so neither distances nor synonyms");
    let singular = |form: &QualityForm| {
        let distances = form.found.persons.iter().map(|person| person.distance);
        let mut reasons = distances.filter_map(Result::err).filter(|reason| *reason != Reason::AllMissing);
        let reason = reasons.next().filter(|_| form.found.reason.is_none())?;
        let persons = plural(form.found.n as u64, "person", "persons");
        Some(format!("{} ({persons} without gaps, {} items)", reason.words(), form.items.len()))
    };
    say("no_distances", &singular, ": no distances of persons");
    let bounded = |form: &QualityForm| {
        let (n, k) = (form.found.n as f64, form.items.len() as f64);
        let (most, cut) =
            ((n - 1.0) * (n - 1.0) / n, chi_square_quantile(form.found.config.distance_level, k));
        let measured = form.found.persons.iter().any(|person| person.distance.is_ok());
        let words = || {
            let (most, cut) = (number(most, Kind::Score), number(cut, Kind::Score));
            format!(
                "D² of {} persons is at most {most}, below the limit of {cut}",
                count(form.found.n as u64)
            )
        };
        (measured && n > 0.0 && most < cut).then(words)
    };
    say("no_distance_can_be_far", &bounded, ": nobody among so few can be marked as far from the others");
    let refused = |form: &QualityForm| {
        let message = form.missing.little_message.as_ref()?;
        (form.missing.missing > 0).then(|| message.clone())
    };
    say("no_little_test", &refused, ": no test whether gaps depend on the answers");
    if forms.iter().any(|form| form.found.persons.iter().any(|person| !person.marks.is_empty())) {
        let text = "marks are reasons to look at an answer sheet, not to leave a person out; nothing is left out of any analysis because of them";
        notes.push(Note::new("described_only", text));
    }
    notes
}
