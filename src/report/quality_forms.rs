//! How answers to each form were given: what `quality` reports on.

use std::collections::{BTreeMap, HashMap};

use super::quality::{QualityForm, QualityScale};
use super::scales::{ScaleRows, Scales, allowed_of};
use crate::moments::Moments;
use crate::quality::{
    FormAnswers, FormScale, PrintedItem, QualityConfig, ceiling_sessions, item_ends, missingness, quality,
    scale_ends,
};
use crate::scoring::Term;

/// How answers were given, form by form, group by group.
pub fn quality_forms(scales: &Scales, config: &QualityConfig) -> Vec<QualityForm> {
    let sessions = Sessions::of(scales);
    by_form(scales).iter().map(|lines| describe(scales, lines, &sessions, config)).collect()
}

/// The lines of each form and group, in their order.
fn by_form(scales: &Scales) -> Vec<Vec<&ScaleRows>> {
    let mut forms: Vec<Vec<&ScaleRows>> = Vec::new();
    for line in &scales.lines {
        let same = |lines: &&mut Vec<&ScaleRows>| lines[0].form == line.form && lines[0].of.by == line.of.by;
        match forms.iter_mut().find(same) {
            Some(lines) => lines.push(line),
            None => forms.push(vec![line]),
        }
    }
    // Lines come scale by scale, and a scale may hold for later forms alone.
    forms.sort_by_key(|lines| lines[0].form);
    forms
}

/// All rows of each person with a form: sessions.
struct Sessions {
    persons: Vec<usize>,
    rows: HashMap<(usize, Option<usize>), Vec<usize>>,
}

impl Sessions {
    fn of(scales: &Scales) -> Sessions {
        let sample = &scales.study.sample;
        let (persons, _) = sample.persons();
        let mut rows: HashMap<(usize, Option<usize>), Vec<usize>> = HashMap::new();
        for (row, person) in persons.iter().enumerate() {
            rows.entry((*person, sample.form(row))).or_default().push(row);
        }
        Sessions { persons, rows }
    }

    /// The rows of the persons of a group, person after person.
    fn of_group(&self, line: &ScaleRows) -> Vec<&[usize]> {
        let mut persons: Vec<usize> = line.rows.iter().map(|row| self.persons[*row]).collect();
        persons.sort_unstable();
        persons.dedup();
        persons.iter().filter_map(|person| Some(self.rows.get(&(*person, line.form))?.as_slice())).collect()
    }
}

/// The answers of a group to a form.
fn describe(
    scales: &Scales,
    lines: &[&ScaleRows],
    sessions: &Sessions,
    config: &QualityConfig,
) -> QualityForm {
    let first = lines[0];
    let answers = answers(scales, lines);
    let columns: HashMap<&str, usize> =
        answers.ticked.items.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let sample = &scales.study.sample;
    let scale = |line: &&ScaleRows| {
        let edition = scales.edition(line)?;
        let items: Vec<usize> = edition
            .terms
            .iter()
            .filter_map(|term| columns.get(sample.item_id(term).as_str()).copied())
            .collect();
        let score = |row: &usize| sample.value(line.scale, *row).unwrap_or(f64::NAN);
        let scores: Vec<f64> = line.rows.iter().map(score).collect();
        let over_sessions: Vec<Vec<f64>> =
            sessions.of_group(line).iter().map(|rows| rows.iter().map(score).collect()).collect();
        Some(QualityScale {
            of: line.of.clone(),
            k: items.len(),
            ends: scale_ends(&scores, edition.range, &answers, &items),
            sessions: edition.range.and_then(|[_, highest]| ceiling_sessions(&over_sessions, highest)),
        })
    };
    QualityForm {
        form: first.of.form.clone(),
        role: first.of.role.clone(),
        by: first.of.by.clone(),
        persons: first.rows.iter().map(|row| scales.person(*row)).collect(),
        found: quality(&answers, config),
        items: item_ends(&answers),
        scales: lines.iter().filter_map(scale).collect(),
        missing: missingness(&answers.ticked),
        em: Moments::em(&answers.scored).map_err(|error| error.reason),
        mixed: answers.items.iter().any(|item| item.reversed)
            && answers.items.iter().any(|item| !item.reversed),
    }
}

/// The items of the scales, each once, in the order of the form.
fn answers(scales: &Scales, lines: &[&ScaleRows]) -> FormAnswers {
    let sample = &scales.study.sample;
    let editions = || lines.iter().filter_map(|line| scales.edition(line).map(|edition| (*line, edition)));
    let mut slots: BTreeMap<usize, Term> = BTreeMap::new();
    for term in editions().flat_map(|(_, edition)| &edition.terms) {
        slots.entry(term.slot).or_insert_with(|| term.clone());
    }
    let terms: Vec<Term> = slots.into_values().collect();
    let place = |term: &Term| terms.iter().position(|other| other.slot == term.slot);
    let form_scales = editions().map(|(line, edition)| {
        let mut items: Vec<usize> = edition.terms.iter().filter_map(place).collect();
        items.sort_unstable();
        FormScale { id: line.of.scale.clone(), items }
    });
    let printed = |term: &Term| PrintedItem {
        reversed: term.reversed || sample.is_reversed_in_file(term),
        allowed: allowed_of(term),
    };
    let rows = &lines[0].rows;
    FormAnswers::new(
        sample.ticked(&terms, rows),
        sample.scored(&terms, rows),
        terms.iter().map(printed).collect(),
        form_scales.collect(),
    )
}
