//! The report of `validity`: does a score go with what it should go with?

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::model::{Block, Note, Report, Section, Table};
use super::reliability::ScaleLine;
use super::said::Said;
use super::scales::Scales;
use super::study::{Study, selection_notes, selection_settings};
use super::validity_tables::{correlations, groups, hypotheses, regressions};
use crate::error::Error;
use crate::moments::Moments;
use crate::nested::{self, Detrend, Groups};
use crate::reliability::{AlphaConfig, Correlation, alpha, correlation, disattenuated};
use crate::sample::Words;
use crate::statistic::{Estimate, Reason, StatError};
use crate::validity::{
    ClusterErrors, Effect, GroupsTest, Hypothesis, Logistic, Regression, TwoGroups, Verdict, judge, linear,
    logistic, two_groups, welch_anova,
};

/// What scores are held against.
#[derive(Debug, Clone, Default)]
pub struct ValidityAsked {
    /// Columns of numbers.
    pub with: Vec<String>,
    /// Reliabilities of such columns, where they are known.
    pub reliabilities: BTreeMap<String, f64>,
    /// Columns of groups that should differ.
    pub groups: Vec<String>,
    /// The column whose words make rows dependent.
    pub cluster: Option<String>,
    /// How standard errors allow for it; logistic models take CR1 in place of CR2.
    pub errors: ClusterErrors,
    /// Hypotheses stated beforehand.
    pub hypotheses: Vec<Hypothesis>,
    /// The confidence level.
    pub level: f64,
}

/// Either kind of regression.
pub(super) enum Model {
    Linear(Regression),
    Logistic(Logistic),
}

impl Model {
    pub fn effects(&self) -> &[Effect] {
        match self {
            Model::Linear(fit) => &fit.effects,
            Model::Logistic(fit) => &fit.effects,
        }
    }

    pub fn kind(&self) -> &'static str {
        if matches!(self, Model::Linear(_)) { "linear" } else { "logistic" }
    }
}

/// One comparison.
#[allow(clippy::large_enum_variant)] // a handful of them
pub(super) enum Found {
    With { column: String, raw: Correlation, freed: Estimate, alpha: Estimate },
    Two { column: String, found: Box<Result<TwoGroups, StatError>> },
    Several { column: String, found: Result<GroupsTest, StatError> },
    Outcome { column: String, found: Result<Model, StatError> },
}

/// Everything about one scale on one form.
pub(super) struct Line {
    pub of: ScaleLine,
    pub found: Vec<Found>,
}

/// Builds the report of `validity`, and computes what stands in it.
///
/// # Errors
/// A usage error for a column that is not there or holds words where numbers are needed, and for a hypothesis about
/// something that was not asked for.
pub fn validity(scales: &Scales, asked: &ValidityAsked) -> Result<Report, Error> {
    let study = &scales.study;
    let mut numbers = Vec::new();
    for name in &asked.with {
        numbers.push((name.as_str(), read_numbers(study, name)?));
    }
    let cluster = asked.cluster.as_deref().map(|name| column(study, "--cluster", name)).transpose()?;
    let mut lines = Vec::new();
    for own in &scales.lines {
        let score: Vec<f64> =
            own.rows.iter().map(|row| study.sample.value(own.scale, *row).unwrap_or(f64::NAN)).collect();
        let alpha = reliability_of(scales, own);
        let mut found = Vec::new();
        for (name, values) in &numbers {
            let other: Vec<f64> = own.rows.iter().map(|row| values[*row]).collect();
            let raw = correlation(&score, &other, asked.level);
            let known = asked.reliabilities.get(*name).copied().unwrap_or(1.0);
            let freed = disattenuated(&raw.r, &alpha, &Estimate::point(known));
            found.push(Found::With { column: (*name).to_owned(), raw, freed, alpha });
            let fit = regression(scales, own.rows.as_slice(), &score, &other, cluster, asked);
            found.push(Found::Outcome { column: (*name).to_owned(), found: fit });
        }
        for name in &asked.groups {
            found.push(known_groups(column(study, "--groups", name)?, name, &own.rows, &score, asked.level));
        }
        lines.push(Line { of: own.of.clone(), found });
    }
    let judged = judged(&lines, &asked.hypotheses)?;
    let mut notes = selection_notes(&scales.selection);
    notes.extend(own_notes(&lines, asked));
    if !asked.with.is_empty() && scales.clusters().is_some() {
        let text = "correlations, their limits and their p take every row as independent of the others; the regressions allow for clusters";
        notes.push(Note::new("independent_rows", text));
    }
    let mut settings = json!({
        "with": asked.with, "reliabilities": asked.reliabilities, "groups": asked.groups, "cluster": asked.cluster,
        "errors": asked.errors, "hypotheses": asked.hypotheses, "level": asked.level,
    });
    settings["selection"] = selection_settings(&scales.selection);
    let title = format!("Validity of {} in {}", study.instrument().unwrap_or("scores"), study.file_names());
    let (sections, results) = (sections(&lines, &judged, asked), results(&lines, &judged));
    Ok(study.report("validity", title, settings, results, sections, notes))
}

fn column<'s>(study: &'s Study, option: &str, name: &str) -> Result<&'s Words, Error> {
    study
        .sample
        .column(name)
        .ok_or_else(|| Error::usage(format!("{option}: the file has no column `{name}`")))
}

/// Words that stand for no answer.
const GAPS: [&str; 5] = ["", "NA", "N/A", "NaN", "."];

fn read_numbers(study: &Study, name: &str) -> Result<Vec<f64>, Error> {
    let words = column(study, "--with", name)?;
    let value = |row: usize| {
        let word = words.get(row).trim();
        if GAPS.contains(&word) {
            return Ok(f64::NAN);
        }
        word.parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(|| {
            let message = format!("--with: column `{name}` holds `{word}`, which is no number");
            Error::usage_help(message, "words that name groups go with --groups; gaps are empty or NA")
        })
    };
    (0..study.sample.rows()).map(value).collect()
}

/// Alpha of the rows that count.
fn reliability_of(scales: &Scales, own: &super::scales::ScaleRows) -> Estimate {
    let Some(edition) = scales.edition(own).filter(|edition| edition.terms.len() > 1) else {
        return Estimate::none(Reason::NotApplicable);
    };
    let found = Moments::listwise(&scales.study.sample.items(edition, &own.rows))
        .and_then(|moments| alpha(&moments, &AlphaConfig::default()));
    found.map_or_else(|error| Estimate::none(error.reason), |found| found.estimate)
}

fn known_groups(words: &Words, name: &str, rows: &[usize], score: &[f64], level: f64) -> Found {
    let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (row, score) in rows.iter().zip(score).filter(|(_, score)| score.is_finite()) {
        let word = words.get(*row).trim();
        if !GAPS.contains(&word) {
            groups.entry(word).or_default().push(*score);
        }
    }
    let groups: Vec<(&str, &[f64])> = groups.iter().map(|(word, scores)| (*word, &scores[..])).collect();
    let column = name.to_owned();
    match groups[..] {
        [one, other] => Found::Two { column, found: Box::new(two_groups(one, other, level)) },
        _ => Found::Several { column, found: welch_anova(&groups) },
    }
}

/// The outcome by the score; by its parts between and within persons where persons have several rows.
fn regression(
    scales: &Scales,
    rows: &[usize],
    score: &[f64],
    outcome: &[f64],
    cluster: Option<&Words>,
    asked: &ValidityAsked,
) -> Result<Model, StatError> {
    let (persons, _) = scales.study.sample.persons();
    let used: Vec<usize> =
        (0..rows.len()).filter(|i| score[*i].is_finite() && outcome[*i].is_finite()).collect();
    let person = Groups::new("person", used.iter().map(|i| persons[rows[*i]]));
    let y: Vec<f64> = used.iter().map(|i| outcome[*i]).collect();
    let x: Vec<f64> = used.iter().map(|i| score[*i]).collect();
    let clusters = match cluster {
        Some(words) => Groups::new("cluster", used.iter().map(|i| words.get(rows[*i]))).of_row,
        None => person.of_row.clone(),
    };
    let repeated = person.len() < used.len();
    let parts =
        repeated.then(|| nested::split(&nested::Column::new("score", x.clone()), &person, &Detrend::No));
    let predictors: Vec<(&str, &[f64])> = match &parts {
        Some(parts) if parts.never_varying < person.len() => {
            vec![("score (between)", &parts.between.values), ("score (within)", &parts.within.values)]
        }
        _ => vec![("score", &x)],
    };
    if y.iter().all(|y| *y == 0.0 || *y == 1.0) && y.iter().any(|own| *own != y[0]) {
        let errors = if asked.errors == ClusterErrors::Cr2 { ClusterErrors::Cr1 } else { asked.errors };
        return logistic(&y, &predictors, &clusters, errors, asked.level).map(Model::Logistic);
    }
    linear(&y, &predictors, &clusters, asked.errors, asked.level).map(Model::Linear)
}

/// A hypothesis, the scale it was held against, and what came of it.
pub(super) struct Judged<'a> {
    pub stated: &'a Hypothesis,
    pub of: &'a ScaleLine,
    pub n: u64,
    pub estimate: Estimate,
    pub verdict: Verdict,
}

impl Judged<'_> {
    fn json(&self) -> Json {
        let mut json = self.of.json();
        json["hypothesis"] = json!(self.stated);
        json["n"] = json!(self.n);
        json["estimate"] = json!(self.estimate.estimate);
        json["verdict"] = json!(self.verdict);
        json
    }
}

/// How many hypotheses are met, and how many are decided.
pub(super) fn met_of_decided(judged: &[Judged<'_>]) -> (usize, usize) {
    let count = |wanted: &[Verdict]| judged.iter().filter(|own| wanted.contains(&own.verdict)).count();
    (count(&[Verdict::Met]), count(&[Verdict::Met, Verdict::NotMet]))
}

fn judged<'a>(lines: &'a [Line], stated: &'a [Hypothesis]) -> Result<Vec<Judged<'a>>, Error> {
    let mut judged = Vec::new();
    for own in stated {
        let mut any = false;
        for line in lines.iter().filter(|line| line.of.scale == own.scale) {
            if own.form.is_some() && line.of.form != own.form {
                continue;
            }
            let found = line.found.iter().find_map(|found| match found {
                Found::With { column, raw, .. } if own.with.as_ref() == Some(column) => {
                    Some((raw.n as u64, raw.r))
                }
                Found::Two { column, found } if own.groups.as_ref() == Some(column) => {
                    let persons = |found: &TwoGroups| found.groups.iter().map(|group| group.n as u64).sum();
                    Some(match found.as_ref() {
                        Ok(found) => (persons(found), found.g),
                        Err(error) => (0, Estimate::none(error.reason)),
                    })
                }
                Found::Several { column, .. } if own.groups.as_ref() == Some(column) => {
                    Some((0, Estimate::none(Reason::NotApplicable)))
                }
                _ => None,
            });
            if let Some((n, estimate)) = found {
                any = true;
                judged.push(Judged {
                    stated: own,
                    of: &line.of,
                    n,
                    estimate,
                    verdict: judge(own, &estimate),
                });
            }
        }
        if !any {
            let about = own.with.as_ref().or(own.groups.as_ref()).map_or("", String::as_str);
            let message = format!("--hypotheses: nothing was computed about {} and {about}", own.scale);
            return Err(Error::usage_help(
                message,
                "scales, forms and columns are named as in the output; columns with --with or --groups",
            ));
        }
    }
    Ok(judged)
}

fn own_notes(lines: &[Line], asked: &ValidityAsked) -> Vec<Note> {
    let mut said = Said::default();
    for line in lines {
        for found in &line.found {
            let (column, error) = match found {
                Found::Two { column, found } => (column, found.as_ref().as_ref().err()),
                Found::Several { column, found } => (column, found.as_ref().err()),
                Found::Outcome { column, found } => (column, found.as_ref().err()),
                Found::With { .. } => continue,
            };
            if let Some(error) = error {
                said.say("no_validity", line.of.words(), format!("{column}, {error}"));
            }
        }
    }
    let mut notes = said.notes();
    let logistic = lines
        .iter()
        .flat_map(|line| &line.found)
        .any(|found| matches!(found, Found::Outcome { found: Ok(Model::Logistic(_)), .. }));
    if logistic && asked.errors == ClusterErrors::Cr2 {
        let text = "CR2 is for linear models: logistic models have CR1 errors and z tests, too liberal with few clusters";
        notes.push(Note::new("logistic_errors", text));
    }
    if !asked.with.is_empty() {
        let given = asked.with.iter().any(|name| !asked.reliabilities.contains_key(name));
        if given {
            let text = "freed correlations allow for the alpha of the score alone, where a column's own reliability was not given (--reliability COLUMN=R)";
            notes.push(Note::new("one_sided_disattenuation", text));
        }
    }
    notes
}

fn sections(lines: &[Line], judged: &[Judged<'_>], asked: &ValidityAsked) -> Vec<Section> {
    let tables = [
        ("correlations", "Correlations", correlations(lines, asked.level)),
        ("groups", "Known groups", groups(lines, asked.level)),
        ("regressions", "Regression of the column on the score", regressions(lines, asked.level)),
        ("hypotheses", "Hypotheses stated beforehand", hypotheses(judged)),
    ];
    let section = |(id, title, table): (&'static str, &str, Table)| Section {
        id,
        title: Some(title.to_owned()),
        blocks: vec![Block::Table(table)],
    };
    tables.into_iter().filter(|(_, _, table)| !table.rows.is_empty()).map(section).collect()
}

fn results(lines: &[Line], judged: &[Judged<'_>]) -> Json {
    let mut list = Vec::new();
    for line in lines {
        for found in &line.found {
            let (kind, column, own) = match found {
                Found::With { column, raw, freed, alpha } => (
                    "correlation",
                    column,
                    json!({ "n": raw.n, "r": raw.r, "p": raw.p(), "alpha": alpha, "disattenuated": freed, "reason": raw.r.reason }),
                ),
                Found::Two { column, found } => ("two_groups", column, of(found.as_ref())),
                Found::Several { column, found } => ("groups", column, of(found)),
                Found::Outcome { column, found } => match found {
                    Ok(Model::Linear(fit)) => ("linear", column, json!({ "found": fit, "reason": null })),
                    Ok(Model::Logistic(fit)) => ("logistic", column, json!({ "found": fit, "reason": null })),
                    Err(error) => ("regression", column, json!({ "found": null, "reason": error.reason })),
                },
            };
            let mut entry = line.of.json();
            entry["kind"] = json!(kind);
            entry["column"] = json!(column);
            if let (Json::Object(entry), Json::Object(own)) = (&mut entry, own) {
                entry.extend(own);
            }
            list.push(entry);
        }
    }
    let (met, decided) = met_of_decided(judged);
    json!({
        "validity": list,
        "hypotheses": {
            "judged": judged.iter().map(Judged::json).collect::<Vec<_>>(),
            "met": met,
            "decided": decided,
            "share_met": (decided > 0).then(|| met as f64 / decided as f64),
        },
    })
}

fn of<T: serde::Serialize>(found: &Result<T, StatError>) -> Json {
    match found {
        Ok(found) => json!({ "found": found, "reason": null }),
        Err(error) => json!({ "found": null, "reason": error.reason }),
    }
}
