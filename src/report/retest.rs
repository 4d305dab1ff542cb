//! The report of `retest`: how alike two occasions are.

use serde_json::{Value as Json, json};

use super::format::{Kind, plural};
use super::model::{Block, Column, Note, Report, Section, Table, Value};
use super::study::Study;
use crate::error::Error;
use crate::responses::Key;
use crate::sample::{Course, Visit};
use crate::session::{Retest, retest as of_pairs};
use crate::statistic::{Estimate, StatError};

/// Which two occasions are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Occasions {
    /// The first two sessions of everybody.
    FirstTwo,
    /// Two sessions by their words.
    Sessions(String, String),
}

/// One scale on one form.
struct Line {
    scale: String,
    form: Option<String>,
    /// Days between the two occasions, on average, where the file has dates.
    days: Option<f64>,
    /// Persons with at least one of the occasions but no two scores.
    incomplete: usize,
    found: Result<Retest, StatError>,
}

/// Builds the report of `retest`.
///
/// # Errors
/// A usage error where nobody has both occasions.
pub fn retest(study: &Study, scales: &[usize], occasions: &Occasions, level: f64) -> Result<Report, Error> {
    let courses = study.sample.courses();
    let both: Vec<(&Course, [Option<Visit>; 2])> =
        courses.iter().map(|course| (course, visits(study, course, occasions))).collect();
    if !both.iter().any(|(_, visits)| visits.iter().all(Option::is_some)) {
        let message = match occasions {
            Occasions::FirstTwo => "nobody has two sessions".to_owned(),
            Occasions::Sessions(a, b) => {
                format!("--occasions: nobody has both session `{a}` and session `{b}`")
            }
        };
        return Err(Error::usage(message));
    }
    let mut forms: Vec<Option<usize>> = courses.iter().map(|course| course.form).collect();
    forms.sort_unstable();
    forms.dedup();
    let mut lines = Vec::new();
    for scale in scales {
        for form in &forms {
            if study.sample.edition(*scale, *form).is_some() {
                lines.push(line(study, &both, *scale, *form, level));
            }
        }
    }
    let words = match occasions {
        Occasions::FirstTwo => "first two sessions".to_owned(),
        Occasions::Sessions(a, b) => format!("sessions {a} and {b}"),
    };
    let title = format!("Test and retest, {words} of {}", study.file_names());
    let settings = json!({
        "occasions": match occasions {
            Occasions::FirstTwo => json!("first_two"),
            Occasions::Sessions(a, b) => json!([a, b]),
        },
        "level": level,
    });
    let sections = vec![Section {
        id: "retest",
        title: None,
        blocks: vec![Block::Table(agreement_table(&lines)), Block::Table(error_table(&lines))],
    }];
    let results = json!({ "retest": lines.iter().map(json_line).collect::<Vec<_>>() });
    Ok(study.report("retest", title, settings, results, sections, notes(&lines)))
}

fn visits(study: &Study, course: &Course, occasions: &Occasions) -> [Option<Visit>; 2] {
    match occasions {
        Occasions::FirstTwo => [course.visits.first().copied(), course.visits.get(1).copied()],
        Occasions::Sessions(a, b) => {
            let words = study.sample.key(Key::Session);
            let find = |wanted: &str| {
                let number = wanted.trim().parse::<f64>().ok();
                let same = |visit: &&Visit| {
                    let word = words.map_or("", |words| words.get(visit.row)).trim();
                    word == wanted.trim()
                        || number.is_some_and(|number| word.parse::<f64>().ok() == Some(number))
                };
                course.visits.iter().find(same).copied()
            };
            [find(a), find(b)]
        }
    }
}

fn line(
    study: &Study,
    both: &[(&Course, [Option<Visit>; 2])],
    scale: usize,
    form: Option<usize>,
    level: f64,
) -> Line {
    let (mut pairs, mut days, mut incomplete) = (Vec::new(), Vec::new(), 0);
    for (_, visits) in both.iter().filter(|(course, _)| course.form == form) {
        let score = |visit: &Option<Visit>| visit.and_then(|visit| study.sample.value(scale, visit.row));
        match (score(&visits[0]), score(&visits[1])) {
            (Some(a), Some(b)) => {
                pairs.push([a, b]);
                let day = |visit: &Option<Visit>| visit.and_then(|visit| visit.day);
                days.extend(day(&visits[0]).zip(day(&visits[1])).map(|(a, b)| (b - a) as f64));
            }
            _ if visits.iter().any(Option::is_some) => incomplete += 1,
            _ => {}
        }
    }
    Line {
        scale: study.sample.plan.scales[scale].id.clone(),
        form: study.form_name(form),
        days: (!days.is_empty()).then(|| days.iter().sum::<f64>() / days.len() as f64),
        incomplete,
        found: of_pairs(&pairs, level),
    }
}

fn head(line: &Line) -> Vec<Value> {
    vec![Value::text(&line.scale), line.form.clone().map_or(Value::Empty, Value::Text)]
}

fn columns(list: &[(&'static str, &str)]) -> Vec<Column> {
    list.iter().map(|(id, head)| Column::new(id, *head)).collect()
}

fn limits(estimate: &Estimate, kind: Kind) -> Value {
    estimate.lower.zip(estimate.upper).map_or(Value::Empty, |(low, high)| Value::Pair([low, high], kind))
}

fn agreement_table(lines: &[Line]) -> Table {
    let mut table = Table::new(
        "retest",
        columns(&[
            ("scale", "Scale"),
            ("form", "Form"),
            ("n", "n"),
            ("days", "Days"),
            ("mean_first", "M first"),
            ("mean_second", "M second"),
            ("icc_agreement", "ICC(A,1)"),
            ("icc_agreement_ci", "95 % CI"),
            ("icc_consistency", "ICC(C,1)"),
            ("icc_consistency_ci", "95 % CI"),
        ]),
    );
    for line in lines {
        let Ok(found) = &line.found else { continue };
        let mut row = head(line);
        row.extend([
            Value::count(found.n as u64),
            Value::number(line.days, Kind::Count),
            Value::Number(found.means[0], Kind::Score),
            Value::Number(found.means[1], Kind::Score),
            Value::number(found.icc_agreement.estimate, Kind::Bounded),
            limits(&found.icc_agreement, Kind::Bounded),
            Value::number(found.icc_consistency.estimate, Kind::Bounded),
            limits(&found.icc_consistency, Kind::Bounded),
        ]);
        table.rows.push(row);
    }
    if let Some(level) = lines.iter().find_map(|line| line.found.as_ref().ok()?.icc_agreement.level) {
        let head = format!("{} % CI", 100.0 * level);
        for column in table.columns.iter_mut().filter(|column| column.id.ends_with("_ci")) {
            column.head.clone_from(&head);
        }
    }
    table.notes.push("ICC(A,1): scores are the same on both occasions. ICC(C,1): persons keep their distances, whether or not all have moved.".to_owned());
    table
}

fn error_table(lines: &[Line]) -> Table {
    let mut table = Table::new(
        "retest_errors",
        columns(&[
            ("scale", "Scale"),
            ("form", "Form"),
            ("mean_difference", "Difference"),
            ("mean_difference_ci", "CI"),
            ("limits", "Limits of agreement"),
            ("error_agreement", "Error (A)"),
            ("change_agreement", "SDC (A)"),
            ("error_consistency", "Error (C)"),
            ("change_consistency", "SDC (C)"),
        ]),
    );
    for line in lines {
        let Ok(found) = &line.found else { continue };
        let mut row = head(line);
        row.extend([
            Value::number(found.mean_difference.estimate, Kind::Score),
            limits(&found.mean_difference, Kind::Score),
            Value::Pair(found.limits, Kind::Score),
            Value::number(found.agreement.map(|d| d.error), Kind::Score),
            Value::number(found.agreement.map(|d| d.change_95), Kind::Score),
            Value::number(found.consistency.map(|d| d.error), Kind::Score),
            Value::number(found.consistency.map(|d| d.change_95), Kind::Score),
        ]);
        table.rows.push(row);
    }
    table.notes.push("Difference: second minus first. Error: standard error of measurement, with differences between the occasions (A, agreement) and without (C, consistency). SDC: the smallest change of one person that exceeds it, 1.96 √2 times the error (also called MDC95).".to_owned());
    table
}

fn notes(lines: &[Line]) -> Vec<Note> {
    let mut notes = Vec::new();
    for line in lines {
        let of = line.form.as_ref().map_or(line.scale.clone(), |form| format!("{} ({form})", line.scale));
        if let Err(error) = &line.found {
            notes.push(Note::new("no_retest", format!("{of}: {error}")));
        }
        if line.incomplete > 0 {
            let who = plural(line.incomplete as u64, "person has", "persons have");
            notes.push(Note::new(
                "incomplete_pairs",
                format!("{of}: {who} no score on one of the occasions: left out"),
            ));
        }
    }
    notes
}

fn json_line(line: &Line) -> Json {
    json!({
        "scale": line.scale,
        "form": line.form,
        "role": null,
        "days": line.days,
        "incomplete": line.incomplete,
        "retest": line.found.as_ref().ok(),
        "reason": line.found.as_ref().err().map(|error| error.reason),
    })
}
