//! Rows over time: the sessions of every dyad and role.

use std::collections::HashMap;

use super::gather::Sample;
use super::words::{Words, reading_order};
use crate::responses::{Key, day_number};

/// The rows of one dyad and role, by session.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Course {
    /// The dyad (or person, or family where the file has no dyads).
    pub dyad: String,
    /// The role, where the file has roles.
    pub role: Option<String>,
    /// The form.
    pub form: Option<usize>,
    /// The rows, by time.
    pub visits: Vec<Visit>,
    /// Pairs of rows of one session; only the first of each stands among the visits.
    pub doubled: Vec<(usize, usize)>,
}

/// A row of a course.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Visit {
    /// The number of the session; where sessions are words, or the file has none, their place in time, from 1.
    pub session: f64,
    /// Days from 0000-03-01 on, where the file has a date that can be read.
    pub day: Option<i64>,
    /// The row.
    pub row: usize,
}

impl Sample {
    /// The courses of all dyads and roles: dyads in reading order, roles by form, then as the file has them.
    ///
    /// Rows of several raters are courses of their own only where the rater is named as the role.
    pub fn courses(&self) -> Vec<Course> {
        let unit = [Key::Dyad, Key::Person, Key::Family].into_iter().find_map(|key| self.key(key));
        let role = self.key(Key::Role);
        let times = self.times();
        let mut index: HashMap<(usize, usize), usize> = HashMap::new();
        let mut courses: Vec<Course> = Vec::new();
        for (row, session) in times.into_iter().enumerate() {
            let of = |words: Option<&Words>| words.map_or(0, |words| words.index(row));
            let at = *index.entry((of(unit), of(role))).or_insert_with(|| {
                courses.push(Course {
                    dyad: unit.map_or_else(|| "1".to_owned(), |words| words.get(row).to_owned()),
                    role: role.map(|words| words.get(row).to_owned()),
                    form: self.form(row),
                    visits: Vec::new(),
                    doubled: Vec::new(),
                });
                courses.len() - 1
            });
            courses[at].visits.push(Visit { session, day: self.day(row), row });
        }
        for course in &mut courses {
            course.settle();
        }
        courses.sort_by(|a, b| reading_order(&a.dyad, &b.dyad).then(a.form.cmp(&b.form)));
        courses
    }

    /// The place in time of every row: its session if all sessions are numbers; the place of its session's word in the
    /// file otherwise; its date; or its place among the rows of its person.
    pub fn times(&self) -> Vec<f64> {
        if let Some(words) = self.key(Key::Session) {
            let number = |word: &String| word.trim().parse::<f64>().ok().filter(|x| x.is_finite());
            let numbers: Option<Vec<f64>> = words.distinct().iter().map(number).collect();
            let places = numbers.unwrap_or_else(|| places(words));
            return (0..self.rows()).map(|row| places[words.index(row)]).collect();
        }
        let days: Option<Vec<f64>> = (0..self.rows()).map(|row| Some(self.day(row)? as f64)).collect();
        if let Some(days) = days.filter(|days| !days.is_empty()) {
            return days;
        }
        let (persons, _) = self.persons();
        let mut seen: HashMap<usize, f64> = HashMap::new();
        let mut place = |person: &usize| {
            let place = seen.entry(*person).or_default();
            *place += 1.0;
            *place
        };
        persons.iter().map(&mut place).collect()
    }

    /// The date of a row as a day number, where it can be read.
    pub fn day(&self, row: usize) -> Option<i64> {
        day_number(self.key(Key::Date)?.get(row))
    }
}

impl Course {
    fn settle(&mut self) {
        self.visits.sort_by(|a, b| a.session.total_cmp(&b.session).then(a.row.cmp(&b.row)));
        let mut kept: Vec<Visit> = Vec::new();
        for visit in std::mem::take(&mut self.visits) {
            match kept.last() {
                Some(last) if last.session == visit.session => self.doubled.push((last.row, visit.row)),
                _ => kept.push(visit),
            }
        }
        self.visits = kept;
    }
}

/// The place of every distinct word: dates by time, else the order of the file; from 1.
fn places(words: &Words) -> Vec<f64> {
    let distinct = words.distinct();
    let days: Option<Vec<i64>> = distinct.iter().map(|word| day_number(word)).collect();
    match days {
        Some(days) => {
            let mut sorted = days.clone();
            sorted.sort_unstable();
            days.iter().map(|day| 1.0 + sorted.partition_point(|other| other < day) as f64).collect()
        }
        None => (1..=distinct.len()).map(|place| place as f64).collect(),
    }
}
