//! A scale on a form, session after session: the rows that mixed models and reliabilities within persons take.

use std::collections::BTreeSet;

use super::format::plural;
use super::model::Note;
use super::reliability::ScaleLine;
use super::study::Study;
use crate::nested::{Column, Groups};
use crate::responses::Key;
use crate::sample::{Course, Visit};

/// All rows of one scale on one form.
#[derive(Clone)]
pub struct OverTime {
    /// The scale and form, for output.
    pub of: ScaleLine,
    /// Index of the scale in the plan.
    pub scale: usize,
    /// The form.
    pub form: Option<usize>,
    /// The rows of the study, dyad after dyad, by session.
    pub rows: Vec<usize>,
    /// Whose row it is: dyads; dyad and role where several roles of a dyad fill in the form.
    pub person: Groups,
    /// The session of each row.
    pub session: Vec<f64>,
    /// Weeks since the person's first date, where all rows have one.
    pub weeks: Option<Vec<f64>>,
    /// The worker of each row, where the file names workers.
    pub worker: Option<Groups>,
    /// Rows of a session that has another row: left out.
    pub doubled: usize,
}

/// The rows of every scale asked for (by their places in the plan), form by form.
pub fn over_time(study: &Study, scales: &[usize]) -> Vec<OverTime> {
    let courses = study.sample.courses();
    let forms: BTreeSet<Option<usize>> = courses.iter().map(|course| course.form).collect();
    let mut lines = Vec::new();
    for scale in scales {
        for form in &forms {
            if study.sample.edition(*scale, *form).is_some() {
                let own: Vec<&Course> = courses.iter().filter(|course| course.form == *form).collect();
                lines.push(one(study, *scale, *form, &own));
            }
        }
    }
    lines
}

fn one(study: &Study, scale: usize, form: Option<usize>, courses: &[&Course]) -> OverTime {
    let sample = &study.sample;
    let unit = [Key::Dyad, Key::Person, Key::Family].into_iter().find(|key| sample.key(*key).is_some());
    let visits = || courses.iter().flat_map(|course| course.visits.iter().map(move |visit| (*course, visit)));
    let dyads: BTreeSet<&str> = courses.iter().map(|course| course.dyad.as_str()).collect();
    let name = |course: &Course| match &course.role {
        Some(role) if dyads.len() < courses.len() => format!("{} {role}", course.dyad),
        _ => course.dyad.clone(),
    };
    let rows: Vec<usize> = visits().map(|(_, visit)| visit.row).collect();
    let workers = sample.key(Key::Worker);
    OverTime {
        of: ScaleLine {
            scale: sample.plan.scales[scale].id.clone(),
            form: study.form_name(form),
            role: None,
            by: Vec::new(),
            rows: rows.len(),
        },
        scale,
        form,
        person: Groups::new(
            unit.map_or("person", Key::id),
            courses.iter().flat_map(|course| vec![name(course); course.visits.len()]),
        ),
        session: visits().map(|(_, visit)| visit.session).collect(),
        weeks: courses
            .iter()
            .map(|course| weeks(&course.visits))
            .collect::<Option<Vec<_>>>()
            .map(|own| own.concat()),
        worker: workers.map(|words| Groups::new("worker", rows.iter().map(|row| words.get(*row)))),
        doubled: courses.iter().map(|course| course.doubled.len()).sum(),
        rows,
    }
}

/// Weeks since the first date; none where a date is missing.
fn weeks(visits: &[Visit]) -> Option<Vec<f64>> {
    let days: Vec<i64> = visits.iter().map(|visit| visit.day).collect::<Option<_>>()?;
    let first = days.iter().min().copied().unwrap_or_default();
    Some(days.iter().map(|day| (day - first) as f64 / 7.0).collect())
}

impl OverTime {
    /// The scores; a gap is NaN.
    pub fn scores(&self, study: &Study) -> Column {
        let score = |row: &usize| study.sample.value(self.scale, *row).unwrap_or(f64::NAN);
        Column::new("score", self.rows.iter().map(score).collect())
    }

    /// The scored answers to the items; a gap is NaN.
    pub fn items(&self, study: &Study) -> Vec<Column> {
        let Some(edition) = study.sample.edition(self.scale, self.form) else { return Vec::new() };
        let items = study.sample.items(edition, &self.rows);
        (0..items.k()).map(|j| Column::new(items.items[j].clone(), items.item(j).to_vec())).collect()
    }
}

/// Rows that were left out because their session occurs twice, once for all scales of a form.
pub(super) fn doubled_note(lines: &[OverTime]) -> Option<Note> {
    let most = lines.iter().map(|line| line.doubled).max().filter(|doubled| *doubled > 0)?;
    let rows = plural(most as u64, "row belongs", "rows belong");
    let text = format!(
        "{rows} to a session of a dyad and role that has another row: the first in the file is taken; tell them apart with --role, or choose with --where"
    );
    Some(Note::new("doubled_rows", text))
}
